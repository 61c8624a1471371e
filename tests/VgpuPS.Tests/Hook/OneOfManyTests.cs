using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.State;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Tests.Operations.Doctor;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>One VM's line, one file, one check never takes the others along.</summary>
public sealed class OneOfManyTests
{
    private const string Settings = "/etc/vgpups/config.json";
    private const string Claims = "/run/vgpups/claims.json";
    private const string Begin = """
        {"version":1,"claims":[{"vm":101,"entry":0,"type":689,"state":"live","candidates":["0000:4b:00.4"],"function":
        "0000:4b:00.4"}],"instances":[],"demand":
        """;

    /// <summary>Claims that cannot be read, or could be read and not be written again.</summary>
    public static TheoryData<string> BadClaims =>
    [
        $"{Begin}{{\"\\ud800\":{{}}}}}}",
        $"{Begin}{{\"A\":{{\"x\":1e400}}}}}}",
        $"{Begin}{{\"A\":{{\"\\udc00\":1}}}}}}",
        """{"version":1,"claims":[null],"instances":[],"demand":{}}""",
        """{"version":1,"claims":[],"instances":[null],"demand":{}}""",
        """{"version":1,"claims":[],"instances":[],"demand":{"A":null}}""",
        "", "null", "[]", "{",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Entry_without_device_is_its_own_vms_affair(bool isWarned)
    {
        var node = TwoVms("mdev=nvidia-684,pcie=1");
        if (isWarned)
        {
            node.Host.Put(Settings, """{"unreadableEntry":"warn"}""");
        }

        Assert.Equal(isWarned ? 0 : 64, node.Hook("102", "pre-start").ExitCode);
        Assert.Equal(isWarned ? 0 : 64, node.Hook("plan", "102").ExitCode);
        var doctor = node.Hook("doctor");
        Assert.InRange(doctor.ExitCode ?? -1, 0, 1);
        Assert.DoesNotContain("unexpected", doctor.Output + doctor.Error, StringComparison.Ordinal);
        Assert.Equal(0, node.Hook("show").ExitCode);
        Assert.True(node.Start(101).Succeeded);
    }

    [Theory]
    [MemberData(nameof(BadClaims))]
    public void Claims_that_cannot_be_read_or_written_again_are_set_aside(string text)
    {
        var node = TwoVms(null);
        Assert.True(node.Start(101).Succeeded);
        node.Host.Put(Claims, text);
        var swept = node.Hook("sweep");
        Assert.True(swept.ExitCode == 0, swept.Error);
        Assert.Contains("set aside as /run/vgpups/claims.json.corrupt-1", swept.Error, StringComparison.Ordinal);
        Assert.True(node.Start(103).Succeeded);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"state":"done","time":"t","seconds":1}""")]
    [InlineData("""{"state":"done","time":"t","seconds":1e400}""")]
    [InlineData("""{"state":"done","time":"t","seconds":1,"problems":[null]}""")]
    [InlineData("""{"state":"done","time":"t","seconds":1,"gpus":[{"gpu":"\ud800","outcome":"x"}]}""")]
    public void Odd_boot_status_keeps_nobody_from_looking(string text)
    {
        var node = TwoVms(null);
        node.Host.Put("/run/vgpups/boot.json", text);
        foreach (var arguments in (string[][])[["show"], ["show", "--json"], ["doctor", "--json"]])
        {
            Assert.InRange(node.Hook(arguments).ExitCode ?? -1, 0, 1);
        }
    }

    [Fact]
    public async Task Fault_of_a_check_is_its_own_result()
    {
        var faulty = TwoVms(null).Connect(_ => { }) with { Settings = new FaultySettings() };
        var found = await new RunDoctor(faulty).RunAsync(new RunDoctorRequest(), TestContext.Current.CancellationToken);
        var check = found.Checks.Single(c => c.Check == "ConfigUnreadable");
        Assert.Equal(nameof(CheckVerdict.Failed), check.Verdict);
        Assert.Contains("check ConfigUnreadable: reading it: unexpected InvalidOperationException: bang",
            check.Evidence, StringComparison.Ordinal);
        Assert.Contains("report it", check.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(CheckCatalogue.Names.Count, found.Checks.Count);
        Assert.Contains(found.Checks, c => c is { Check: "IommuOff", Verdict: nameof(CheckVerdict.Passed) });
        Assert.Contains(
            found.Checks, c => c is { Check: "LayoutUnreadable", Verdict: not nameof(CheckVerdict.Failed) });
    }

    [Fact]
    public void Vm_that_cannot_be_read_keeps_no_other_from_its_rows()
    {
        var node = TwoVms(null);
        node.Host.Put("/etc/pve/nodes/pve1/qemu-server/104.conf", new string('#', 2 << 20));
        var checks = new TestVgpuHook(node.Connect(_ => { }))
            .Run(new TestVgpuHookRequest());
        Assert.Contains(checks, c => c is { VmId: 101, Check: "Registered", Passed: true });
        Assert.Contains(
            checks, c => c is { VmId: 104, Check: "Readable", Passed: false, RecommendedAction.Length: > 0 });
        Assert.Equal(["VmConfigUnreadable"], RunDoctorTests.Ask(node).Findings.Select(c => c.Check));
    }

    private static LabHostNode TwoVms(string? second)
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        node.CreateVm(new VmId(101), "0=0000:4b:00.4,mdev=nvidia-689");
        node.CreateVm(new VmId(103), "0=0000:4b:00.5,mdev=nvidia-689");
        if (second is not null)
        {
            node.CreateVm(new VmId(102), $"0={second}");
        }

        return node;
    }

    private sealed class FaultySettings : ISettings
    {
        public HookSettings Load() => throw new InvalidOperationException("bang");

        public void SetChain(VmId vm, ChainedScript? script) => throw new InvalidOperationException("bang");

        public byte[]? ReadText() => throw new InvalidOperationException("bang");

        public void Replace(byte[] content) => throw new InvalidOperationException("bang");

        public void SetParameters(VmId vm, string entry, string parameters) =>
            throw new InvalidOperationException("bang");
    }
}
