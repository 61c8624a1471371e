using System.Text;
using System.Text.Json;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>The log of changes: one line each with time, who, VM, object, before and after.</summary>
public sealed class EventTests
{
    private const string Log = "/var/log/vgpups/events.jsonl";

    [Theory]
    [InlineData("8.4", LabBackend.Mdev, "createMediatedDevice", "removeMediatedDevice")]
    [InlineData("9.2", LabBackend.Vfio, "setVgpuType", "clearVgpuType")]
    public void Every_change_of_a_life_is_a_line(string pve, LabBackend backend, string created, string removed)
    {
        var s = Situation.Of(pve, backend, mig: false, functions: false)
            .Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Put(Situation.Settings, """{"migMode":"whenIdle"}""");
        s.Starts(101);
        s.Kills(101);
        s.Sweeps();
        var lines = Encoding.UTF8.GetString(s.Host.Files.Read(Log, 1 << 20)).TrimEnd('\n').Split('\n')
            .Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(
            [
                "enableMigMode", "enableFunctions", "createGpuInstance", "createComputeInstance", created, removed,
                "destroyGpuInstance",
            ],
            lines.Select(l => l.GetProperty("action").GetString()));
        Assert.All(lines, l => Assert.True(DateTimeOffset.TryParse(l.GetProperty("time").GetString(), out _)));
        Assert.Equal(["hook", "sweep"], lines.Select(l => l.GetProperty("source").GetString()).Distinct());
        Assert.Equal("sweep", lines[5].GetProperty("source").GetString());
        Assert.All(lines.Take(6), l => Assert.Equal(101, l.GetProperty("vm").GetInt32()));
        Assert.StartsWith("0000:4b:00.0 GI ", lines[2].GetProperty("target").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_a_warning()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Edit(state => state.Setup.WriteRefusals["/var/log"] = 28);
        s.Starts(101);
        Assert.Contains("warning: the event log", s.Said, StringComparison.Ordinal);
    }
}
