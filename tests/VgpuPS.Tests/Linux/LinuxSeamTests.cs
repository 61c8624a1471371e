using System.Text;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Linux;

public sealed class LinuxSeamTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vgpups").FullName;
    private readonly LinuxHostFiles _files;
    private readonly LinuxProcessRunner _runner = new(TimeProvider.System, "/bin/false");

    public LinuxSeamTests() => _files = new LinuxHostFiles(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_whole_write_has_content_and_mode_and_leaves_no_other_file()
    {
        _files.CreateDirectory("/run/x", FileModes.Mode700);
        _files.WriteWhole("/run/x/f", "one"u8, FileModes.Mode600);
        _files.WriteWhole("/run/x/f", "two"u8, FileModes.Mode600);
        Assert.Equal("two", Encoding.UTF8.GetString(_files.Read("/run/x/f", 10)));
        Assert.Equal(FileModes.Mode600, _files.GetInfo("/run/x/f")!.Mode);
        Assert.Equal(["f"], _files.List("/run/x"));
    }

    [Fact]
    public void Errnos_are_reported_with_their_system_call()
    {
        Assert.Equal(("open", Errno.ENOENT), Failure(() => _files.WriteAttribute("/no", "1")));
        Assert.Equal(("open", Errno.ENOENT), Failure(() => _files.Read("/no", 10)));
        _files.WriteWhole("/f", "0123456789"u8, FileModes.Mode644);
        Assert.Equal(("read", Errno.EFBIG), Failure(() => _files.Read("/f", 9)));
        Assert.Equal(("open", Errno.ENOTDIR), Failure(() => _files.Read("/f/below", 9)));
        Assert.Equal(("write", Errno.ENOSPC), Failure(() => new LinuxHostFiles().WriteAttribute("/dev/full", "1")));
        Assert.Null(_files.GetInfo("/f/below"));
        Assert.Null(_files.List("/no"));
    }

    /// <summary>A pipe would wait for its other end for ever, and a device may never come to an end.</summary>
    [Fact]
    public async Task What_is_no_ordinary_file_is_reported_at_once()
    {
        await Run("/usr/bin/mkfifo", $"{_root}/pipe");
        var device = new LinuxHostFiles();
        foreach (var open in (Action[])[
            () => _files.Read("/pipe", 9), () => _files.ReadEnd("/pipe", 9), () => _files.ReadPart("/pipe", 0, 9),
            () => _files.TryLock("/pipe", FileModes.Mode600), () => device.Read("/dev/zero", 9),
            () => device.Append("/dev/null", "x"u8, 0)])
        {
            Assert.Equal(("open", Errno.NotAFile), Failure(open));
        }

        Assert.Equal(("open", Errno.ENXIO), Failure(() => _files.Append("/pipe", "x"u8, 0)));
        Assert.Equal(("read", Errno.EISDIR), Failure(() => _files.Read("/", 9)));
    }

    /// <summary>A run that was killed between open and rename leaves its file; what others write is not
    /// touched.</summary>
    [Fact]
    public async Task Files_of_killed_writers_are_removed_by_the_next_one()
    {
        var dead = (await Run("/bin/sh", "-c", "echo $$")).Output.Trim();
        var host = Environment.MachineName;
        string[] left = [$".f.{host}.{dead}.tmp", $".f.{dead}.tmp"];
        string[] others =
        [
            $".f.elsewhere.{dead}.tmp", $".f.{host}.1.tmp", $".g.{host}.{dead}.tmp", $".f.{host}.x.tmp", ".f.tmp",
            $"f.{dead}.tmp",
        ];
        foreach (var name in (string[])[.. left, .. others])
        {
            await File.WriteAllTextAsync(Path.Combine(_root, name), "half", TestContext.Current.CancellationToken);
        }

        _files.WriteWhole("/f", "whole"u8, FileModes.Mode600);
        Assert.Equal([.. others.Append("f").Order(StringComparer.Ordinal)], _files.List("/"));
    }

    [Fact]
    public void A_shorter_value_replaces_a_longer_one()
    {
        _files.WriteWhole("/type", "1131\n"u8, FileModes.Mode644);
        _files.WriteAttribute("/type", "0");
        Assert.Equal("0", Encoding.UTF8.GetString(_files.Read("/type", 10)));
    }

    [Fact]
    public void A_lock_excludes_until_it_is_released()
    {
        using (var held = _files.TryLock("/lock", FileModes.Mode600))
        {
            Assert.NotNull(held);
            held.WriteHolder("me");
            Assert.Null(_files.TryLock("/lock", FileModes.Mode600));
        }

        using var again = _files.TryLock("/lock", FileModes.Mode600);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_shared_lock_excludes_only_those_who_want_it_alone()
    {
        using (var first = _files.TryShareLock("/lock", FileModes.Mode600))
        using (var second = _files.TryShareLock("/lock", FileModes.Mode600))
        {
            Assert.NotNull(first);
            Assert.NotNull(second);
            Assert.Null(_files.TryLock("/lock", FileModes.Mode600));
        }

        using var alone = _files.TryLock("/lock", FileModes.Mode600);
        Assert.NotNull(alone);
        Assert.Null(_files.TryShareLock("/lock", FileModes.Mode600));
    }

    [Fact]
    public async Task A_program_left_running_keeps_the_lock_that_it_inherited()
    {
        var held = _files.TryLock("/lock", FileModes.Mode600)!;
        var request = new ProcessRequest("/bin/sleep", ["3"], TimeSpan.FromMilliseconds(100))
        {
            LeaveRunningAtDeadline = true,
            InheritedLock = held,
        };
        var result = await _runner.RunAsync(request, TestContext.Current.CancellationToken);
        Assert.True(result.TimedOut);
        held.Dispose();
        Assert.Null(_files.TryLock("/lock", FileModes.Mode600));
    }

    [Fact]
    public async Task Output_exit_code_and_signal_are_reported()
    {
        var said = await Run("/bin/sh", "-c", "echo out; echo err >&2; exit 7");
        Assert.Equal((7, "out\n", "err\n"), (said.ExitCode, said.Output, said.Error));
        var killed = await Run("/bin/sh", "-c", "kill -9 $$");
        Assert.Equal((null, 9), (killed.ExitCode, killed.Signal));
        var missing = await Run("/no/such/program");
        Assert.Equal(Errno.ENOENT, missing.StartErrno);
        Assert.Equal(Errno.ENOENT, (await Run("relative")).StartErrno);
    }

    [Fact]
    public async Task Standard_input_ends_at_once_and_a_background_child_holds_nobody()
    {
        var result = await Run("/bin/sh", "-c", "cat; sleep 30 & echo done");
        Assert.Equal((0, "done\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_program_past_its_deadline_is_ended()
    {
        var request = new ProcessRequest("/bin/sleep", ["60"], TimeSpan.FromMilliseconds(50));
        var result = await _runner.RunAsync(request, TestContext.Current.CancellationToken);
        Assert.True(result.TimedOut);
        Assert.Null(result.ExitCode);
    }

    [Fact]
    public void The_write_command_takes_only_attributes_of_the_kernel()
    {
        using var output = new StringWriter();
        Assert.Equal(64, WriteAttributeCommand.Run(_files, "/etc/passwd", "1", output));
        Assert.Equal(64, WriteAttributeCommand.Run(_files, "/sys/../etc/passwd", "1", output));
        Assert.Equal(1, WriteAttributeCommand.Run(_files, "/sys/no", "1", output));
        Assert.Equal("open 2", output.ToString());
    }

    private Task<ProcessResult> Run(string program, params string[] arguments) => _runner.RunAsync(
        new ProcessRequest(program, arguments, TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);

    private static (string, int) Failure(Action action)
    {
        var failure = Assert.Throws<HostFileException>(action);
        return (failure.Operation, failure.Number);
    }
}
