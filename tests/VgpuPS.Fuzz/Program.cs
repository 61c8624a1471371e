using System.Globalization;
using System.Security.Cryptography;
using VgpuPS.Fuzz;

// vgpu-fuzz [--seconds N] [--seed N] [--least N] [--target NAME] [--keep FOLDER] | --replay FOLDER
var seconds = Number("--seconds", 60);
var seed = Number("--seed", Environment.TickCount & int.MaxValue);
var least = Number("--least", 0);
var wanted = Text("--target");
var targets = FuzzTarget.All.Where(t => wanted is null || t.Name.StartsWith(wanted, StringComparison.Ordinal)).ToList();
if (Text("--replay") is { } corpus)
{
    return Replay(corpus);
}

var threads = Environment.ProcessorCount;
Console.WriteLine($"seeds {seed} to {seed + threads - 1}, {seconds} s, {targets.Count} readers");
var run = new FuzzRun(targets, seed, TimeSpan.FromSeconds(seconds), least, threads);
run.Run();
foreach (var (name, count) in run.Counts.OrderBy(c => c.Key, StringComparer.Ordinal))
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12:N0}  {name}"));
}

var total = run.Counts.Values.Sum();
Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture, $"{total,12:N0}  inputs, {run.Findings.Count} findings (seed {seed})"));
foreach (var finding in run.Findings)
{
    Console.WriteLine($"\n{finding.Target}: {finding.Failure}\n  input: {Convert.ToBase64String(finding.Input)}");
    if (Text("--keep") is { } folder)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(finding.Input))[..12];
        Directory.CreateDirectory(Path.Combine(folder, finding.Target));
        File.WriteAllBytes(Path.Combine(folder, finding.Target, name), finding.Input);
    }
}

if (total < least)
{
    Console.WriteLine($"fewer than {least} inputs");
}

return run.Findings.Count > 0 || total < least ? 1 : 0;

static int Replay(string corpus)
{
    var failed = 0;
    foreach (var folder in Directory.EnumerateDirectories(corpus).Order(StringComparer.Ordinal))
    {
        var target = FuzzTarget.All.Single(t => t.Name == Path.GetFileName(folder));
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            var failure = target.Try(File.ReadAllBytes(file));
            failed += failure is null ? 0 : 1;
            Console.WriteLine(
                $"{(failure is null ? "held  " : "BROKEN")} {target.Name}/{Path.GetFileName(file)} {failure?.Message}");
        }
    }

    return failed == 0 ? 0 : 1;
}

string? Text(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}

int Number(string name, int otherwise) =>
    Text(name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
