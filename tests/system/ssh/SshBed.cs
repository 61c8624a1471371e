using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;

namespace VgpuPS.SshTests;

/// <summary>A folder for one run, the client's key, and what the checks have said.</summary>
internal sealed class SshBed : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    public SshBed(string lab, string labHost)
    {
        (Lab, LabHost) = (lab, labHost);
        Folder = Directory.CreateTempSubdirectory("vgpups-ssh-").FullName;
    }

    /// <summary>The program <c>vgpu-lab</c>.</summary>
    public string Lab { get; }

    /// <summary>The login script.</summary>
    public string LabHost { get; }

    public string Folder { get; }

    public string KeyPath => Path.Combine(Folder, "key");

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public Task StartAsync() => RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KeyPath);

    public void Check(bool isTrue, string what)
    {
        Console.WriteLine($"{(isTrue ? "ok  " : "FAIL")} {what}");
        (Passed, Failed) = isTrue ? (Passed + 1, Failed) : (Passed, Failed + 1);
    }

    /// <summary>Waits for something that comes about by itself.</summary>
    public async Task CheckSoonAsync(Func<bool> isTrue, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isTrue() && Stopwatch.GetElapsedTime(started) < s_timeout)
        {
            await Task.Delay(100);
        }

        Check(isTrue(), what);
    }

    /// <summary>Makes a simulated host with two A30 in a file.</summary>
    public async Task<string> MakeHostAsync(string folder, bool isBare)
    {
        var state = Path.Combine(folder, "host.json");
        await LabAsync(
            state, ["init", "--gpu", "A30", "--gpu", "A30", "--guests", .. isBare ? (string[])["--bare"] : []]);
        return state;
    }

    public Task<string> LabAsync(string state, params string[] arguments) =>
        RunAsync(Lab, ["--state", state, .. arguments]);

    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var run = await Cli.Wrap(program).WithArguments(arguments).WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync();
        return run.ExitCode == 0
            ? run.StandardOutput
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: {run.ExitCode}: {run.StandardError}{run.StandardOutput}");
    }

    public static Task<HostReport> ShowAsync(SshHostSession session) => session.RunAsync(
        HostUseCases.ReadHost, new ReadHostRequest(), new Observer(), CancellationToken.None);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
