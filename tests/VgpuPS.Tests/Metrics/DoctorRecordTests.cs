using VgpuPS.Core.Metrics;
using VgpuPS.Core.Platform;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Metrics;

/// <summary>What the doctor's timer keeps.</summary>
public sealed class DoctorRecordTests
{
    private const string Path = "/run/vgpups/doctor.json";
    private const string Other = "0000:ca:00.0";

    [Fact]
    public void Failed_checks_drift_and_Xids_are_kept_with_the_time()
    {
        var node = LabNodes.A30(LabBackend.Vfio, gpus: 2);
        node.Host.Put("/etc/vgpups/layout.json", $$"""
            {"gpus":[{"gpu":"{{LabNodes.Gpu}}","sriov":true,"mig":true},{"gpu":"{{Other}}","mig":false},
            {"gpu":"0000:17:00.0","sriov":true}]}
            """);
        node.Host.Edit(s => s.KernelLog.AddRange(
        [
            "[   12.000000] NVRM: Xid (PCI:0000:4b:00): 79, pid=7, GPU has fallen off the bus.",
            "[   13.500000] NVRM: Xid (PCI:0000:4b:00): 31, pid=7, name=x, MMU Fault",
            "[   14.000000] NVRM: Xid (PCI:0000:4b:00): 31, pid=7, name=x, MMU Fault",
            "[   15.000000] nvidia: NVRM: Xid (PCI:0000:ca:00): 48, in the middle of a line",
            "[   16.000000] NVRM: Xid (PCI:zzzz:ca:00): 48, no address",
        ]));
        var result = node.Hook("doctor", "--record");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var record = Load(node);
        Assert.Contains("LayoutGpuMissing", record.Failed);
        Assert.Equal(
            [
                new LayoutDrift("0000:17:00.0", true), new LayoutDrift(LabNodes.Gpu, false),
                new LayoutDrift(Other, true),
            ],
            record.Layout);
        Assert.Equal(
            [(LabNodes.Gpu, 31, 2), (LabNodes.Gpu, 79, 1)], record.Xids!.Select(x => (x.Gpu, x.Xid, x.Count)));
        Assert.All(record.Xids!, x => Assert.True(UtcText.TryParse(x.Last!, out _)));
        Assert.True(UtcText.TryParse(record.Time, out var time));
        Assert.InRange(node.Host.Clock.GetUtcNow() - time, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Without_a_layout_there_is_no_drift_and_a_host_without_driver_is_recorded_too()
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        Assert.Equal(0, node.Hook("doctor", "--record").ExitCode);
        Assert.Null(Load(node).Layout);
        Assert.Empty(Load(node).Xids!);
        node.Host.Put("/etc/vgpups/layout.json", "{");
        Assert.Equal(0, node.Hook("doctor", "--record").ExitCode);
        Assert.Contains("LayoutUnreadable", Load(node).Failed);
    }

    [Fact]
    public void A_result_that_cannot_be_kept_fails_and_the_old_one_stays()
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        Assert.Equal(0, node.Hook("doctor", "--record").ExitCode);
        var before = node.Host.Files.Read(Path, 1 << 20);
        node.Host.Edit(s => s.Setup.WriteRefusals[Path] = 28);
        var result = node.Hook("doctor", "--record");
        Assert.Equal(69, result.ExitCode);
        RefusalCase.TwoLines(result, "vgpu-hook: doctor --record: ");
        Assert.Equal(before, node.Host.Files.Read(Path, 1 << 20));
    }

    [Fact]
    public void Record_goes_with_nothing_else()
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        Assert.Equal(64, node.Hook("doctor", "--record", "--json").ExitCode);
        Assert.Equal(64, node.Hook("doctor", "Layout*", "--record").ExitCode);
        Assert.Null(node.Host.Files.GetInfo(Path));
    }

    [Theory]
    [InlineData("NVRM: Xid (PCI:0000:4b:00): 79, GPU has fallen off the bus.", "0000:4b:00.0", 79)]
    [InlineData("NVRM: Xid (PCI:10000:4b:00): 119, Timeout", "10000:4b:00.0", 119)]
    [InlineData("NVRM: Xid (PCI:0000:4b:00): 79999, x", null, 0)]
    [InlineData("x NVRM: Xid (PCI:0000:4b:00): 79, x", null, 0)]
    [InlineData("NVRM: loading NVIDIA UNIX x86_64 Kernel Module", null, 0)]
    public void Xids_are_found_in_lines(string line, string? gpu, int number)
    {
        var found = XidLog.Find(new LogLine(null, "", null, line));
        Assert.Equal((gpu, number), (found?.Gpu.ToString(), found?.Number ?? 0));
    }

    private static DoctorRecord Load(LabHostNode node) =>
        DoctorRecordFormat.Read(node.Host.Files.Read(Path, 1 << 20), Path);
}
