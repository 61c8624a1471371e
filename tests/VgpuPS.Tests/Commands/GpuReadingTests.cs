using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Sessions;
using VgpuPS.Tests.Ssh;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>
/// What a change of a GPU asks its host, here and through a session: the GPU that is named is read once for the plan
/// that is asked about, once under the lock, and once more for the object that New-… writes; no other GPU, and no VM's
/// configuration.
/// </summary>
public sealed class GpuReadingTests : EngineTests
{
    private const string Reading = "nvmlDeviceGetActiveVgpus";

    public static TheoryData<string, string> Changes => new()
    {
        { "", "New-MigInstance 0 -Profile 2g.12gb" },
        { "", "New-MigInstance -Gpu 0000:4b:00.0 -Profile 1g.6gb -Count 2" },
        { "", "New-MigInstance -Gpu GPU-1 -Profile 2g.12gb" },
        { "New-MigInstance 0 -Profile 2g.12gb", "Remove-MigInstance 0 -GpuInstanceId 1 -Confirm:$false" },
        {
            "New-MigInstance 0 -Profile 2g.12gb -ComputeInstance None",
            "New-MigComputeInstance 0 -GpuInstanceId 1 -ComputeProfile 1c.2g.12gb"
        },
        {
            "New-MigInstance 0 -Profile 2g.12gb",
            "Remove-MigComputeInstance 0 -GpuInstanceId 1 -ComputeInstanceId 0 -Confirm:$false"
        },
        { "Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb", "New-Vgpu 0 -Type A30-2-12C" },
        { "Disable-MigMode 0 -Reset -Confirm:$false; Enable-Sriov 0", "Set-VgpuScheduler 0 -Policy EqualShare" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_GPU_is_read_for_the_plan_and_under_the_lock(string prepare, string line)
    {
        var node = await OpenLabAsync(new LabOptions { Gpus = ["A30", "A30"], WithVms = true });
        AssertReadings(node, prepare, line);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task So_it_is_through_a_session(string prepare, string line)
    {
        await using var pair = await AgentPair.OpenAsync();
        await HostSessions.RemoveAllAsync();
        await HostSessions.AddAsync("pve1", "pve1", _ => Task.FromResult<IHostSession>(new AgentSession(pair)));
        AssertReadings(pair.Node, prepare, line);
    }

    private void AssertReadings(LabHostNode node, string prepare, string line)
    {
        Run("Enable-MigMode 0 -Reset; " + prepare);
        node.Host.Gate.Clear();
        node.Host.Gate.IsTracing = true;
        Run(line.Replace("GPU-1", node.Host.State.Gpus[0].Uuid, StringComparison.Ordinal));
        node.Host.Gate.IsTracing = false;
        var times = line.StartsWith("New-", StringComparison.Ordinal) ? 3 : 2;
        Assert.Equal(times, node.Host.Gate.Trace.Count(c => c.EndsWith(Reading, StringComparison.Ordinal)));
        Assert.Equal(times, node.Host.Gate.Trace.Count(c => c.EndsWith("nvmlInit_v2", StringComparison.Ordinal)));
        Assert.DoesNotContain(node.Host.Gate.Trace, c => c.Contains("/etc/pve/", StringComparison.Ordinal)
            && !c.EndsWith("readlink /etc/pve/local", StringComparison.Ordinal));
    }

    private sealed class AgentSession(AgentPair pair) : IHostSession
    {
        public string Name => "pve1";

        public string Kind => "ssh";

        public Task<TResult> RunAsync<TRequest, TResult>(
            UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
            CancellationToken cancellationToken)
            where TRequest : notnull
            where TResult : notnull => pair.Client.RunAsync(useCase, request, observer, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
