using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Metrics;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Metrics;

/// <summary>What the hook counts, and that counting fails no start.</summary>
public sealed class HookCountersTests
{
    private const string Path = "/run/vgpups/counters.json";
    private const string Entry = "0=0000:4b:00.4,mdev=nvidia-689";

    [Fact]
    public void A_life_of_a_VM_is_counted_by_phase_and_a_refusal_by_its_error()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, Entry).Vm(102, "0=0000:4b:00.5,mdev=nvidia-999");
        s.Starts(101);
        Assert.NotEqual(0, s.Node.Hook("102", "pre-start").ExitCode);
        Assert.NotEqual(0, s.Node.Hook("102", "pre-start").ExitCode);
        s.Stops(101);
        var counters = Load(s.Node);
        Assert.Equal((3, 1, 1), (
            counters.Runs["pre-start"], counters.Runs["post-start"], counters.Runs.GetValueOrDefault("post-stop")));
        var failure = Assert.Single(counters.Failures);
        Assert.Equal(("pre-start", 2), (failure.Phase, failure.Count));
        Assert.NotEqual(HookCounters.Other, failure.ErrorId);
    }

    [Fact]
    public void A_VM_without_vGPU_is_not_counted()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101);
        Assert.Equal(0, s.Node.Hook("101", "pre-start").ExitCode);
        Assert.Null(s.Host.Files.GetInfo(Path));
    }

    [Fact]
    public void What_fails_outside_the_own_part_is_counted_once()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, Entry);
        s.Host.Put(Situation.Settings, """{"chain":{"101":{"path":"/root/other"}}}""");
        s.Host.Put("/root/other", "#!/bin/sh\n", FileModes.Mode755);
        s.Host.Processes.Programs["/root/other"] = _ => new ProcessResult(3, null, false, 0, "", "");
        Assert.Equal(74, s.Node.Hook("101", "pre-start").ExitCode);
        var counters = Load(s.Node);
        Assert.Equal(1, counters.Runs["pre-start"]);
        Assert.Equal(
            new HookFailureCount("pre-start", ErrorIds.HostCommandFailed, 1), Assert.Single(counters.Failures));
    }

    [Fact]
    public void A_lock_that_was_not_had_is_counted_although_it_is_held()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, Entry);
        s.Host.Put(Situation.Settings, """{"lockTimeoutSeconds":1}""");
        s.Host.Files.CreateDirectory("/run/vgpups", FileModes.Mode700);
        using (s.Host.Files.TryLock("/run/vgpups/lock", FileModes.Mode600))
        {
            Assert.Equal(75, s.Node.Hook("101", "pre-start").ExitCode);
        }

        Assert.Equal(ErrorIds.LockTimeout, Assert.Single(Load(s.Node).Failures).ErrorId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("""{"version":99}""")]
    [InlineData("""{"runs":{"pre-start":-1}}""")]
    [InlineData("""{"runs":{"x{y=\"z\"}":1}}""")]
    [InlineData("""{"failures":[{"phase":"pre-start","errorId":"a\nb","count":1}]}""")]
    public void A_file_that_is_not_readable_is_begun_anew(string text)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, Entry);
        s.Host.Put(Path, text);
        s.Starts(101);
        Assert.Equal(1, Load(s.Node).Runs["pre-start"]);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(30)]
    [InlineData(5)]
    [InlineData(13)]
    public void A_file_that_cannot_be_written_fails_no_start(int errno)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, Entry);
        s.Host.Edit(state => state.Setup.WriteRefusals[Path] = errno);
        s.Starts(101);
        Assert.Null(s.Host.Files.GetInfo(Path));
        s.Stops(101);
    }

    [Fact]
    public void A_folder_in_its_place_and_a_lock_that_is_kept_fail_no_start()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, Entry);
        s.Host.Files.CreateDirectory(Path, FileModes.Mode700);
        using (s.Host.Files.TryLock("/run/vgpups/counters.lock", FileModes.Mode600))
        {
            s.Starts(101);
        }

        s.Stops(101);
    }

    [Fact]
    public void Keys_and_size_are_bounded()
    {
        var counters = HookCounters.Empty;
        foreach (var phase in (string[])["pre-start", "post-start", "pre-stop", "post-stop", "mid-life", "x\"y"])
        {
            for (var error = 0; error < 200; error++)
            {
                var id = "Error" + string.Concat(
                    error.ToString(CultureInfo.InvariantCulture).Select(d => (char)('A' + d - '0')));
                counters = counters.With(phase, id).With(phase, "not an id");
            }
        }

        Assert.InRange(counters.Failures.Count, 1, HookCounters.MaxFailures + 5);
        Assert.Equal(5, counters.Runs.Count);
        Assert.Equal(6 * 400, counters.Runs.Values.Sum());
        Assert.Equal(6 * 400, counters.Failures.Sum(f => f.Count));
        var written = HookCountersFormat.Write(counters);
        Assert.InRange(written.Length, 1, 16 * 1024);
        Assert.Equal(written, HookCountersFormat.Write(HookCountersFormat.Read(written, Path)));
    }

    private static HookCounters Load(LabHostNode node) =>
        HookCountersFormat.Read(node.Host.Files.Read(Path, 1 << 20), Path);
}
