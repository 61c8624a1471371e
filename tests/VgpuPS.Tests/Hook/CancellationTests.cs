using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>SIGTERM at every call: between steps the hook stops, takes back what it made, and says what to
/// do.</summary>
public sealed class CancellationTests
{
    private const int BusyExit = 75;

    public static TheoryData<LabBackend> Backends { get; } = [LabBackend.Mdev, LabBackend.Vfio];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Start_that_is_stopped_leaves_nothing_and_names_the_command_that_starts_it_again(LabBackend backend)
    {
        LabHostNode Make() => RefusalCase.With(LabNodes.A30(backend, functions: false));
        var calls = FindMoments(Make(), "pre-start");
        var stopped = 0;
        foreach (var call in calls)
        {
            var node = Make();
            var before = HostSnapshot.TakeUndone(node);
            var result = StopAt(node, "pre-start", call);
            if (result.ExitCode != 0)
            {
                stopped++;
                Assert.Equal(BusyExit, result.ExitCode);
                var (first, second) = RefusalCase.TwoLines(result, "vgpu-hook: VM 101 pre-start: ");
                Assert.Contains("interrupted", first, StringComparison.Ordinal);
                Assert.EndsWith("qm start 101", second, StringComparison.Ordinal);
                Assert.True(before == HostSnapshot.TakeUndone(node), $"call {call}");
            }

            Assert.Null(node.Start(101).Error);
        }

        Assert.True(stopped > calls.Count / 2, $"{stopped} of {calls.Count}");
    }

    /// <summary>A mediated device is waited for; what a function carries goes at once, and the stop comes to its
    /// end.</summary>
    [Theory]
    [InlineData(LabBackend.Mdev, true)]
    [InlineData(LabBackend.Vfio, false)]
    public void Stop_that_is_stopped_names_the_sweep_which_finishes_it(LabBackend backend, bool isStopped)
    {
        var clean = LabNodes.A30(backend).Snapshot();
        LabHostNode Make()
        {
            var created = RefusalCase.With(LabNodes.A30(backend));
            Assert.Equal(0, created.Hook("101", "pre-start").ExitCode);
            return created;
        }

        var calls = FindMoments(Make(), "post-stop");
        var stopped = 0;
        foreach (var call in calls)
        {
            var node = Make();
            var result = StopAt(node, "post-stop", call);
            if (result.ExitCode != 0)
            {
                stopped++;
                Assert.Equal(BusyExit, result.ExitCode);
                var (_, second) = RefusalCase.TwoLines(result, "vgpu-hook: VM 101 post-stop: ");
                Assert.Contains("vgpu-hook sweep", second, StringComparison.Ordinal);
            }

            Assert.Equal(0, node.Hook("sweep").ExitCode);
            Assert.True(clean == node.Snapshot(), $"call {call}");
        }

        Assert.True(calls.Count > 10 && stopped > 0 == isStopped, $"{stopped} of {calls.Count}");
    }

    [Theory]
    [InlineData("pre-start", "qm start 101")]
    [InlineData("post-stop", "vgpu-hook sweep")]
    public void Wait_for_the_lock_ends_at_once(string phase, string action)
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio));
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        using var held = node.Host.Files.TryLock("/run/vgpups/lock", LabEntry.FileMode);
        Assert.NotNull(held);

        var result = StopAt(node, phase, int.MaxValue, "lock /run/vgpups/lock");

        Assert.Equal(BusyExit, result.ExitCode);
        var (first, second) = RefusalCase.TwoLines(result, $"vgpu-hook: VM 101 {phase}: ");
        Assert.Contains("interrupted", first, StringComparison.Ordinal);
        Assert.Contains(action, second, StringComparison.Ordinal);
    }

    /// <summary>Calls of a phase before which the machine is as it was at no earlier one.</summary>
    private static List<int> FindMoments(LabHostNode node, string phase)
    {
        var moments = new List<int>();
        var calls = 0;
        long seen = -1;
        node.Host.Gate.Passing = (_, _) =>
        {
            calls++;
            if (node.Host.ChangeCount != seen)
            {
                seen = node.Host.ChangeCount;
                moments.Add(calls);
            }
        };
        Assert.Equal(0, node.Hook("101", phase).ExitCode);
        return moments;
    }

    private static LabHookResult StopAt(LabHostNode node, string phase, int call, string? orAt = null)
    {
        using var stop = new CancellationTokenSource();
        var calls = 0;
        node.Host.Gate.Passing = (name, _) =>
        {
            if (++calls == call || name == orAt)
            {
                stop.Cancel();
            }
        };
        var result = node.RunHookAsync(["101", phase], cancellationToken: stop.Token).Result;
        node.Host.Gate.Passing = null;
        return result;
    }
}
