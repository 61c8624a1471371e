using VgpuPS.Core.Capacity;
using VgpuPS.Core.Gpu;
using Xunit;

namespace VgpuPS.Tests.Capacity;

public sealed class RemainingCapacityTests
{
    private static readonly PciAddress s_address = PciAddress.Parse("0000:4b:00.0");
    private static readonly VgpuType s_half = new(new VgpuTypeId(2), "T-12C", "C", 12_288, 2, null, null);
    private static readonly VgpuType s_quarter = new(new VgpuTypeId(1), "T-6C", "C", 6_144, 4, null, null);

    [Theory]
    [InlineData(0, 4, CapacityLimit.TypeMaximum)]
    [InlineData(1, 3, CapacityLimit.TypeMaximum)]
    [InlineData(3, 1, CapacityLimit.TypeMaximum)]
    public void A_start_that_is_pending_takes_its_place(int pending, int count, CapacityLimit limit) => Assert.Equal(
        new TypeCapacity(count, limit), Of(16, Pending(pending, s_quarter)).Count(s_quarter));

    [Fact]
    public void A_pending_start_decides_the_size() =>
        Assert.Equal(1, Of(16, Pending(1, s_half)).Count(s_half).Count);

    [Fact]
    public void Fewer_functions_than_vGPUs_are_the_limit() =>
        Assert.Equal(new TypeCapacity(2, CapacityLimit.Functions), Of(3, Pending(1, s_quarter)).Count(s_quarter));

    [Fact]
    public void A_function_that_a_VM_holds_is_not_free()
    {
        var gpu = Gpu(3);
        var held = new CapacityRules(new HashSet<PciAddress> { gpu.Functions[0].Address });
        Assert.Equal(2, new RemainingCapacity(gpu, [], held).Count(s_quarter).Count);
    }

    private static RemainingCapacity Of(int functions, IReadOnlyList<PendingStart> pending) =>
        new(Gpu(functions), pending, new CapacityRules(new HashSet<PciAddress>()));

    private static IReadOnlyList<PendingStart> Pending(int count, VgpuType type) =>
    [
        .. Enumerable.Range(0, count).Select(
            n => new PendingStart(new VmId(101 + n), type.Id, [.. Gpu(16).Functions.Select(f => f.Address)])),
    ];

    private static GpuState Gpu(int functions) => new(
        new PhysicalFunction(s_address, 0x20b7, "nvidia", 0, 16, functions, 4, 1, false), new GpuUuid("GPU-1"), "T",
        null, false, [], [],
        [
            .. Enumerable.Range(0, functions).Select(n => new VirtualFunction(
                s_address.Plus(4 + n), s_address, n, "nvidia", null, VgpuBackend.VendorVfio, null, [])),
        ],
        [], new[] { s_quarter, s_half }.ToDictionary(t => t.Id));
}
