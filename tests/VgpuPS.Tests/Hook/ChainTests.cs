using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Another hookscript of the VM runs with the same arguments, before or after ours and outside the
/// lock.</summary>
public sealed class ChainTests
{
    private const string Script = "/root/other-hook";

    private readonly List<string> _calls = [];

    [Theory]
    [InlineData("before", "101 pre-start:0,101 post-start:1,101 pre-stop:1,101 post-stop:1")]
    [InlineData("after", "101 pre-start:1,101 post-start:1,101 pre-stop:1,101 post-stop:0")]
    public void It_runs_in_every_phase_before_or_after_ours_and_outside_the_lock(string order, string calls)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            _calls.Clear();
            var s = Chained(pve, backend, order, _ => 0);
            var before = s.Node.Snapshot();
            s.Starts(101);
            s.Stops(101);
            Assert.Equal(calls, string.Join(',', _calls));
            s.Is(before);
        }
    }

    [Theory]
    [InlineData("before", "pre-start", 0)]
    [InlineData("after", "pre-start", 0)]
    [InlineData("before", "post-start", 1)]
    [InlineData("after", "post-start", 1)]
    [InlineData("before", "pre-stop", 1)]
    [InlineData("after", "post-stop", 1)]
    public void Its_failure_ends_a_start_and_is_a_warning_elsewhere(string order, string phase, int running)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = Chained(pve, backend, order, p => p == phase ? 3 : 0);
            var before = s.Node.Snapshot();
            var started = s.Node.Start(101);
            Assert.Equal(running == 1, started.Succeeded);
            Assert.Equal(running, s.Gpu().Vgpus.Count);
            if (running == 1)
            {
                s.Stops(101);
                Assert.Contains(
                    $"warning: chained script {Script} of VM 101 ended with exit code 3 on {phase}", s.Said,
                    StringComparison.Ordinal);
            }
            else
            {
                Assert.Contains($"chained script {Script} ended with exit code 3", s.Said, StringComparison.Ordinal);
            }

            s.Is(before);
        }
    }

    /// <summary>A start that is given up keeps no room, whatever says that the VM comes back.</summary>
    [Fact]
    public void Our_part_is_undone_even_under_a_backup()
    {
        var s = Chained("9.2", LabBackend.Vfio, "after", p => p == "pre-start" ? 1 : 0);
        var before = s.Node.Snapshot();
        Assert.NotNull(s.BacksUp(101));
        s.Is(before);
    }

    /// <summary>Only a failed pre-start ends the start, so the other script is due although ours failed.</summary>
    [Theory]
    [InlineData("post-stop", true)]
    [InlineData("pre-start", false)]
    public void It_runs_although_ours_failed_except_where_that_ends_the_start(string phase, bool runs)
    {
        var s = Chained("9.2", LabBackend.Vfio, "after", _ => 0);
        if (phase == "post-stop")
        {
            s.Starts(101);
            s.Kills(101);
        }

        _calls.Clear();
        s.Host.Gate.Fail("nvmlInit_v2", NvmlStatus.DriverNotLoaded);
        Assert.False(s.Node.Hook("101", phase).Succeeded);
        Assert.Equal(runs ? [$"101 {phase}:1"] : [], _calls);
    }

    [Fact]
    public void A_script_that_is_not_there_says_so()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Put(Situation.Settings, $$"""{"chain":{"101":{"path":"{{Script}}","order":"before"} } }""");
        s.Refuses(101, $"chained script {Script} could not be started", "remove it from \"chain\"");
        Assert.Empty(s.Gpu().Instances);
    }

    /// <summary>A script that is the hook, or calls it, would be called by it again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_script_that_calls_the_hook_is_refused_at_depth_one_also_without_its_environment(bool inherits)
    {
        foreach (var entry in (string?[])[$"0={Situation.First},mdev=nvidia-690", null])
        {
            var depth = 0;
            var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, entry is null ? [] : [entry]);
            s.Host.Put(Situation.Settings, $$"""{"chain":{"101":{"path":"{{Script}}","order":"before"} } }""");
            s.Host.Processes.Programs[Script] = request =>
            {
                depth++;
                var result = s.Node.RunHookAsync(
                    request.Arguments, chainedBy: inherits ? request.Environment["VGPUPS_CHAINED_BY"] : null).Result;
                return new ProcessResult(result.ExitCode, null, false, 0, result.Output, result.Error);
            };
            var ended = s.Node.Hook("101", "pre-start");
            Assert.Equal((1, 74), (depth, ended.ExitCode));
            Assert.Contains("is, or calls, vgpu-hook", ended.Error, StringComparison.Ordinal);
            Assert.Contains(
                "remove 101 from \"chain\" in /etc/vgpups/config.json", ended.Error, StringComparison.Ordinal);
            Assert.Empty(s.Gpu().Instances);
        }
    }

    /// <summary>Below a script that is chained, only what Proxmox itself starts is served: it holds the VM's
    /// lock.</summary>
    [Theory]
    [InlineData("102", false, 64)]
    [InlineData("102", true, 0)]
    [InlineData("101", true, 64)]
    [InlineData("100,101", true, 64)]
    public async Task A_script_may_start_another_vm_but_not_call_the_hook_for_it(string vm, bool isLocked, int code)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101).Vm(102);
        using var held = isLocked
            ? s.Host.Files.TryLock($"/run/lock/qemu-server/lock-{vm[^3..]}.conf", FileModes.Mode644) : null;
        var ended = await s.Node.RunHookAsync(
            [vm[^3..], "pre-start"], chainedBy: vm.Length > 3 ? vm : "101",
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(code, ended.ExitCode);
    }

    private Situation Chained(string pve, LabBackend backend, string order, Func<string, int> exitCode)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Put(Situation.Settings, $$"""{"chain":{"101":{"path":"{{Script}}","order":"{{order}}"} } }""");
        s.Host.Processes.Programs[Script] = request =>
        {
            _calls.Add($"{string.Join(' ', request.Arguments)}:{s.Gpu().Instances.Count}");
            using var held = s.Host.Files.TryLock("/run/vgpups/lock", FileModes.Mode600);
            Assert.NotNull(held);
            return new ProcessResult(exitCode(request.Arguments[1]), null, false, 0, "", "");
        };
        s.Host.Files.CreateDirectory("/run/vgpups", FileModes.Mode700);
        return s;
    }
}
