using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Guests;
using Xunit;

namespace VgpuPS.Tests.Performance;

/// <summary>The scripts of a measurement in this machine's own shell.</summary>
[Trait("Duration", "Long")]
public sealed class BenchScriptsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vgpups-bench-").FullName;

    private string Folder => Path.Combine(_root, "run");

    public void Dispose()
    {
        Run(BenchScripts.Clear, Folder);
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_folder_is_made_that_only_its_owner_enters_and_that_runs_programs()
    {
        var (code, output, _) = Run(BenchScripts.Folder, Path.Combine(_root, "none", "deeper"), Folder);
        Assert.Equal((0, Folder + "\n"), (code, output));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            new DirectoryInfo(Folder).UnixFileMode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public void A_folder_that_is_there_already_is_never_taken()
    {
        Directory.CreateSymbolicLink(Folder, _root);
        Assert.NotEqual(0, Run(BenchScripts.Folder, Folder).Code);
        Assert.Equal(0, Run(BenchScripts.Clear, Folder).Code);
        Assert.True(Directory.Exists(_root));
        Assert.Equal(0, Run(BenchScripts.Folder, Folder).Code);
    }

    [Fact]
    public void What_a_program_printed_is_there_once_it_has_ended()
    {
        Run(BenchScripts.Folder, Folder);
        Assert.Equal(0, Run(
            BenchScripts.Begin, Folder, "", "/bin/sh", "-c", "echo \"$1\"; echo bad >&2; exit 3", "x", "a b").Code);
        var (code, output, error) = Fetch();
        Assert.Equal((0, "bad\n"), (code, error));
        var lines = output.Split('\n');
        Assert.Equal(["3", "a b", ""], [lines[0], .. lines[3..]]);
        Assert.True(long.Parse(lines[1], CultureInfo.InvariantCulture)
            < long.Parse(lines[2], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Only_the_end_of_a_long_output_is_printed()
    {
        Run(BenchScripts.Folder, Folder);
        Run(BenchScripts.Begin, Folder, "", "/bin/sh", "-c", "echo 0123456789; echo end");
        Assert.EndsWith("\n789\nend\n", Fetch(8).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_begins_at_its_moment_and_not_where_that_is_long_past()
    {
        Run(BenchScripts.Folder, Folder);
        var at = (DateTimeOffset.UtcNow.AddSeconds(1) - DateTimeOffset.UnixEpoch).Ticks * 100;
        Run(BenchScripts.Begin, Folder, Text(at), "/bin/true");
        var begun = long.Parse(Fetch().Output.Split('\n')[1], CultureInfo.InvariantCulture);
        Assert.True(begun >= at, $"{begun} {at}");

        Run(BenchScripts.Begin, Folder, Text(at - 60_000_000_000), "/bin/true");
        var (_, output, error) = Fetch();
        Assert.Equal("75\n-\n-\n", output);
        Assert.Matches("^the start was [0-9]+ s ago\n$", error);
    }

    [Fact]
    public void What_runs_is_ended_and_its_folder_removed()
    {
        Run(BenchScripts.Folder, Folder);
        var program = Path.Combine(Folder, "tool");
        File.Copy("/bin/sleep", program);
        Assert.Equal(0, Run(BenchScripts.Program, program).Code);
        Run(BenchScripts.Begin, Folder, "", program, "600");
        Run(BenchScripts.Begin, Folder, "", "/bin/sleep", "601");
        Assert.Equal(BenchScripts.Running, Run(BenchScripts.Fetch, Folder, "10").Code);
        var other = Process.Start(new ProcessStartInfo("/bin/sleep", "602") { WorkingDirectory = _root })!;
        // The script does not wait for what it starts.
        SpinWait.SpinUntil(() => Running("tool").Concat(Running("sleep")).Count() == 2, TimeSpan.FromSeconds(30));
        Assert.Equal(2, Running("tool").Count() + Running("sleep").Count());
        Assert.Equal(0, Run(BenchScripts.Clear, Folder).Code);
        Assert.False(Directory.Exists(Folder));
        Assert.Empty(Running("tool").Concat(Running("sleep")));
        Assert.False(other.HasExited);
        other.Kill();
        Assert.Equal(GuestScript.NotThere, Run(BenchScripts.Fetch, Folder, "10").Code);

        // Once more is nothing to do.
        Assert.Equal(0, Run(BenchScripts.Clear, Folder).Code);
    }

    [Fact]
    public void A_program_is_found_in_the_search_path_or_in_a_folder()
    {
        Directory.CreateDirectory(Folder);
        var tool = Path.Combine(Folder, "vgpups-test-tool");
        File.Copy("/bin/true", tool);
        Assert.Equal(
            (0, tool + "\n"),
            Pair(Run(BenchScripts.Find, "2", _root, Folder, "none-of-that-name", "vgpups-test-tool")));
        Assert.EndsWith("/sh\n", Run(BenchScripts.Find, "1", Folder, "sh").Output, StringComparison.Ordinal);
        Assert.Equal(GuestScript.NotThere, Run(BenchScripts.Find, "1", _root, "none-of-that-name").Code);
    }

    private (int Code, string Output, string Error) Fetch(int most = 1000)
    {
        while (true)
        {
            var result = Run(BenchScripts.Fetch, Folder, Text(most));
            if (result.Code != BenchScripts.Running)
            {
                return result;
            }

            Thread.Sleep(20);
        }
    }

    // Processes of this test: those whose working folder is the script's.
    private IEnumerable<Process> Running(string name) => Process.GetProcessesByName(name)
        .Where(p => new FileInfo($"/proc/{p.Id}/cwd").LinkTarget is { } cwd
            && cwd.StartsWith(Folder, StringComparison.Ordinal));

    private static (int, string) Pair((int Code, string Output, string Error) result) => (result.Code, result.Output);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static (int Code, string Output, string Error) Run(GuestScript script, params IEnumerable<string> words)
    {
        using var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", script.Body, script.Name, .. words])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
