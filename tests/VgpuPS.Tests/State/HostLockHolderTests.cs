using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.State;

public sealed class HostLockHolderTests
{
    [Fact]
    public async Task The_holder_is_seen_while_the_lock_is_held_and_looking_takes_nothing()
    {
        var node = LabHostNode.Create(new LabOptions());
        var ports = node.Connect(_ => { });
        Assert.Null(ports.LockHolder.Find());
        await using (await ports.Lock.AcquireAsync("VM 101 pre-start", TimeSpan.Zero, CancellationToken.None))
        {
            var holder = ports.LockHolder.Find();
            Assert.Equal((101, "pre-start"), (holder?.VmId, holder?.Work));
            Assert.NotNull(holder?.ProcessId);
            Assert.NotNull(holder?.Since);
            Assert.Contains("VM 101 pre-start, process ", holder!.ToString(), StringComparison.Ordinal);
        }

        Assert.Null(ports.LockHolder.Find());
        await using var again = await ports.Lock.AcquireAsync("sweep", TimeSpan.Zero, CancellationToken.None);
        Assert.Equal((null, "sweep"), (ports.LockHolder.Find()?.VmId, ports.LockHolder.Find()?.Work));
    }
}
