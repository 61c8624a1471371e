using System.Text.Json;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

public sealed class ReadHostTests
{
    [Theory]
    [InlineData(LabBackend.Mdev, "mdev")]
    [InlineData(LabBackend.Vfio, "vendorVfio")]
    public void A_running_vm_is_named_at_its_instance_its_vgpu_and_its_claim(LabBackend backend, string name)
    {
        var node = WithTwoVms(backend);
        var report = new ReadHost(node.Connect(_ => { })).Run(new ReadHostRequest());

        var gpu = Assert.Single(report.Gpus);
        Assert.Equal(
            (LabNodes.Gpu, name, 4, 16), (gpu.GpuAddress, gpu.Backend, gpu.MemorySlices, gpu.EnabledFunctions));
        Assert.Equal(
            [("1g.6gb", 101), ("2g.12gb", 102)],
            gpu.Instances.Select(i => (i.Profile, Assert.Single(i.VmIds))).Order());
        Assert.All(gpu.Instances, i => Assert.True(i.IsMadeByHook));
        Assert.Equal(
            [(101, "A30-1-6C", "0000:4b:00.4", true), (102, "A30-2-12C", "0000:4b:00.5", true)],
            gpu.Vgpus.Select(v => (v.VmId!.Value, v.VgpuType, v.FunctionAddress, v.IsRunning)));
        Assert.Equal(
            [(101, "running"), (102, "running"), (103, "stopped")], report.Vms.Select(v => (v.Id, v.Status)));
        Assert.Equal([(101, "hostpci0", "live"), (102, "hostpci0", "live")],
            report.Claims.Select(c => (c.VmId, c.Entry, c.State)));
    }

    /// <summary>A GPU that does not answer is named with the reason, and keeps no other from being shown.</summary>
    [Fact]
    public void One_GPU_that_does_not_answer_does_not_hide_the_others()
    {
        var node = LabNodes.A30(LabBackend.Vfio, gpus: 2);
        node.Host.Edit(s => s.Gpus[1].IsLost = true);
        var shown = node.Hook("show");
        Assert.Equal(69, shown.ExitCode);
        Assert.Contains("GPU 0  0000:4b:00.0  NVIDIA A30", shown.Output, StringComparison.Ordinal);
        Assert.Contains(
            "GPU 0000:ca:00.0 cannot be read: the GPU no longer answers", shown.Output, StringComparison.Ordinal);
        Assert.Contains("vgpu-hook: show: the GPU no longer answers", shown.Error, StringComparison.Ordinal);
        Assert.Contains("  do: see why, then restart the host: ", shown.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(node.Hook("show", "--json").Output);
        Assert.Equal("0000:ca:00.0", json.RootElement.GetProperty("problems")[0].GetProperty("gpu").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("gpus").GetArrayLength());

        node.Host.Edit(s => s.Gpus[0].IsLost = true);
        shown = node.Hook("show");
        Assert.Equal((69, ""), (shown.ExitCode, shown.Output));
    }

    /// <summary>What cannot be read decides the exit code, and all else is shown.</summary>
    [Theory]
    [InlineData("no JSON", 65, "the claims file")]
    [InlineData("{\"version\":99,\"claims\":[],\"instances\":[],\"demand\":{}}", 65, "version 99")]
    public void Claims_that_cannot_be_read_are_a_failure_beside_the_rest(string claims, int code, string says)
    {
        var node = WithTwoVms(LabBackend.Vfio);
        node.Host.Put("/run/vgpups/claims.json", claims);
        foreach (var options in (string[][])[["show"], ["show", "--json"]])
        {
            var shown = node.Hook(options);
            Assert.Equal(code, shown.ExitCode);
            Assert.Contains("0000:4b:00.0", shown.Output, StringComparison.Ordinal);
            Assert.Contains(says, shown.Error, StringComparison.Ordinal);
            Assert.Contains("  do: ", shown.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_is_not_root_sees_what_is_open_to_all()
    {
        var node = WithTwoVms(LabBackend.Vfio);
        node.Host.Edit(s => s.Setup.CallersAreUnprivileged = true);
        var shown = node.Hook("show");
        Assert.Equal(77, shown.ExitCode);
        Assert.Contains("GPU 0  0000:4b:00.0  NVIDIA A30", shown.Output, StringComparison.Ordinal);
        Assert.Contains("/run/vgpups/claims.json", shown.Error, StringComparison.Ordinal);
        Assert.Contains("  do: run the command as root: su -", shown.Error, StringComparison.Ordinal);
        var plan = node.Hook("plan", "101");
        Assert.Equal(77, plan.ExitCode);
        Assert.Contains("  do: run the command as root: su -", plan.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_diagram_shows_slices_with_instances_and_vms()
    {
        var node = WithTwoVms(LabBackend.Mdev);
        var gpu = new ReadHost(node.Connect(_ => { })).Run(new ReadHostRequest()).Gpus[0];
        var lines = GpuDiagram.Draw(gpu).Select(l => l.ToString()).ToList();

        Assert.Equal("GPU 0  0000:4b:00.0  NVIDIA A30  24576 MiB  MIG on  16 of 16 VFs enabled", lines[0]);
        var small = gpu.Instances.First(i => i.Profile == "1g.6gb");
        var large = gpu.Instances.First(i => i.Profile == "2g.12gb");
        Assert.Contains(lines,
            l => l.Contains("1g.6gb", StringComparison.Ordinal) && l.Contains("2g.12gb", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains($"GI {small.GpuInstanceId}, CI 0", StringComparison.Ordinal)
            && l.Contains($"GI {large.GpuInstanceId}, CI 0", StringComparison.Ordinal)
            && l.Contains("free", StringComparison.Ordinal));
        var vms = lines.Single(l => l.Contains("VM 101", StringComparison.Ordinal));
        var order = small.Place.Start < large.Place.Start;
        Assert.Equal(
            order, vms.IndexOf("VM 101", StringComparison.Ordinal) < vms.IndexOf("VM 102", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.True(l.Length <= 120, l));
    }

    [Theory]
    [InlineData("A100-80")]
    [InlineData("RTX PRO 6000")]
    [InlineData("A40")]
    [InlineData("T4")]
    public void The_diagram_of_any_model_fits_a_terminal(string model)
    {
        var node = LabNodes.Of(
            [model], LabBackend.Vfio, mig: model is not ("A40" or "T4"), functions: model != "T4");
        var lines = HostReportText.Lines(new ReadHost(node.Connect(_ => { })).Run(new ReadHostRequest()));
        Assert.Contains(lines, l => l.ToString().StartsWith("GPU 0  0000:4b:00.0", StringComparison.Ordinal));
        Assert.All(GpuDiagram.Draw(new ReadHost(node.Connect(_ => { })).Run(new ReadHostRequest()).Gpus[0]),
            l => Assert.True(l.ToString().Length <= 120, l.ToString()));
    }

    [Theory]
    [InlineData(true, true, "nvidia-690", "once it has its instance")]
    [InlineData(true, true, "nvidia-685", "not in MIG mode")]
    [InlineData(false, true, "nvidia-690", "only in MIG mode")]
    [InlineData(false, true, "nvidia-685", "can be created now")]
    [InlineData(false, false, "nvidia-685", "once VFs are enabled")]
    public void Every_type_is_listed_with_what_it_needs(bool mig, bool functions, string type, string when)
    {
        var node = LabNodes.A30(LabBackend.Vfio, mig, functions);
        var line = Assert.Single(
            node.Hook("show").Output.Split('\n'), l => l.Contains($"type {type} ", StringComparison.Ordinal));
        Assert.EndsWith(when, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_read_it_as_camel_case_json()
    {
        var node = WithTwoVms(LabBackend.Vfio);
        var result = node.Hook("show", "--json");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using var json = JsonDocument.Parse(result.Output);
        var gpu = json.RootElement.GetProperty("gpus")[0];
        Assert.Equal(2, gpu.GetProperty("instances").GetArrayLength());
        Assert.Equal(2, gpu.GetProperty("vgpus").GetArrayLength());
        Assert.True(gpu.GetProperty("mig").GetProperty("current").GetBoolean());
        Assert.Equal(16, gpu.GetProperty("functions").GetArrayLength());
        Assert.Equal(101, json.RootElement.GetProperty("claims")[0].GetProperty("vmId").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("reservations").GetArrayLength());
        Assert.Equal("vm101", json.RootElement.GetProperty("vms")[0].GetProperty("name").GetString());
    }

    /// <summary>A claim that waits for its VM has no function; its entry says which it can be.</summary>
    [Theory]
    [InlineData("0000:4b:00.4,mdev=nvidia-690", "held, for 0000:4b:00.4")]
    [InlineData("mapping=gpus,mdev=nvidia-690", "held, for one of 2 functions")]
    public void A_claim_that_is_held_names_the_function_of_a_raw_address(string entry, string shown)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, $"0={entry}");
        s.Starts(101);
        Assert.Null(s.Reboots(101));
        s.Sweeps();
        Assert.Contains(
            $"claim: VM 101 hostpci0, type nvidia-690, {shown}\n", s.Node.Hook("show").Output,
            StringComparison.Ordinal);
    }

    private static LabHostNode WithTwoVms(LabBackend backend)
    {
        var node = LabNodes.A30(backend);
        node.CreateVm(new VmId(101), "0=0000:4b:00.4,mdev=nvidia-689");
        node.CreateVm(new VmId(102), "0=0000:4b:00.5,mdev=nvidia-690");
        node.CreateVm(new VmId(103));
        Assert.Null(node.Start(101).Error);
        Assert.Null(node.Start(102).Error);
        return node;
    }
}
