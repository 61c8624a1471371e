using System.Diagnostics;
using System.Text;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.Ssh;
using Xunit;

namespace VgpuPS.Tests.Ssh;

/// <summary>The shell's part of an installation, run by the shell: only what arrived as it was sent is run.</summary>
public sealed class StageCommandTests : IDisposable
{
    private static readonly byte[] s_program = Encoding.ASCII.GetBytes("#!/bin/sh\necho ran $1; cat\n");

    private readonly string _folder = Directory.CreateTempSubdirectory("vgpups").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_program_that_arrived_whole_is_run_and_reads_on()
    {
        Assert.Equal((0, "ran agent\nand more"), await RunAsync([.. s_program, .. "and more"u8]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_was_cut_short_or_altered_is_not(bool isWhole)
    {
        var sent = isWhole ? [.. s_program] : s_program[..^3];
        sent[^2] ^= 1;
        var (code, output) = await RunAsync(sent);
        Assert.Equal((76, ""), (code, output));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        Assert.Contains(
            "did not arrive", SshErrors.Explain(SshDestination.Parse("pve1"), code, "").Message,
            StringComparison.Ordinal);
    }

    /// <summary>A shell that is killed leaves its folder; one that works still has it locked.</summary>
    [Fact]
    public async Task Folders_of_killed_installations_are_removed_by_the_next()
    {
        var left = Directory.CreateDirectory(Path.Combine(_folder, ".vgpups-deadbeef")).FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "vgpu-hook"), "half", TestContext.Current.CancellationToken);
        var alive = Directory.CreateDirectory(Path.Combine(_folder, ".vgpups-livelock")).FullName;
        var other = Directory.CreateDirectory(Path.Combine(_folder, ".vgpups-x")).FullName;
        using var holder = Process.Start(
            new ProcessStartInfo("/usr/bin/flock", [alive, "sh", "-c", "echo held; read line"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync(s_program)).ExitCode);
        Assert.Equal(new[] { alive, other }, Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal));
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(byte[] sent)
    {
        var command = SshHostSession.StageCommand(s_program)
            .Replace("/usr/lib/", _folder + "/", StringComparison.Ordinal);
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await shell.StandardInput.BaseStream.WriteAsync(sent);
        shell.StandardInput.Close();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, output);
    }
}
