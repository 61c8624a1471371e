using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>What post-stop does for a VM without claims: removes its device, and asks nobody for a VM without
/// one.</summary>
public sealed class LostRunFolderTests
{
    private const string Claims = "/run/vgpups/claims.json";

    [Fact]
    public void Orphaned_device_of_a_VM_without_claims_is_removed_after_its_stop()
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Mdev, mig: false), 685);
        var before = node.Snapshot();
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        Assert.Single(node.Host.State.Gpus[0].Vgpus);
        Assert.True(node.Host.Files.Delete(Claims));

        Assert.Equal(0, node.Hook("101", "post-stop").ExitCode);

        Assert.Equal(before, node.Snapshot());
    }

    [Fact]
    public void Device_of_another_VM_stays()
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Mdev, mig: false), 685);
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        var prepared = node.Snapshot();

        Assert.Equal(0, node.Hook("102", "post-stop").ExitCode);

        Assert.Equal(prepared, node.Snapshot());
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void VM_without_a_vGPU_needs_no_driver_and_no_lock(LabBackend backend)
    {
        var node = LabNodes.A30(backend);
        node.CreateVm(new VmId(101));
        foreach (var phase in (string[])["pre-start", "post-start", "pre-stop", "post-stop"])
        {
            var calls = new List<string>();
            node.Host.Gate.Passing = (name, _) => calls.Add(name);

            Assert.Equal(0, node.Hook("101", phase).ExitCode);

            node.Host.Gate.Passing = null;
            Assert.DoesNotContain(calls, c => c.StartsWith("nvml", StringComparison.Ordinal)
                || c.StartsWith("lock ", StringComparison.Ordinal) || c.StartsWith("write ", StringComparison.Ordinal)
                || c.StartsWith("mkdir ", StringComparison.Ordinal) || c.StartsWith("run ", StringComparison.Ordinal));
            Assert.True(calls.Count < 8, string.Join('\n', calls));
        }
    }
}
