using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Tests.Operations.Licensing;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Proxmox;

public sealed class QmGuestChannelTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_guest_programs_own_exit_code_counts()
    {
        var result = await Answer("""{ "err-data" : "no\n", "exitcode" : 3, "exited" : 1 }""");
        Assert.Equal(new GuestResult(3, null, "", "no\n", false), result);
    }

    [Theory]
    [InlineData("""{ "exited" : 1, "signal" : 9 }""", null, 9, false)]
    [InlineData("""{ "exited" : true, "exitcode" : 0, "out-data" : "x", "out-truncated" : 1 }""", 0, null, true)]
    [InlineData("""{ "exited" : "1", "exitcode" : 0, "err-truncated" : true }""", 0, null, true)]
    [InlineData("""{ "exited" : 1, "exitcode" : 0, "out-truncated" : 0 }""", 0, null, false)]
    public async Task Signals_and_cut_outputs_are_reported(string json, int? code, int? signal, bool isTruncated)
    {
        var result = await Answer(json);
        Assert.Equal((code, signal, isTruncated), (result.ExitCode, result.Signal, result.IsTruncated));
        Assert.False(result.Succeeded && isTruncated);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("end of a long output\" }")]
    public async Task An_answer_that_is_none_is_refused(string json)
    {
        var failure = await Assert.ThrowsAsync<UnreadableDataException>(() => Answer(json));
        Assert.Contains("VM 101 (web)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_takes_longer_than_qm_waits_is_asked_for_until_it_ends()
    {
        var lab = new GuestLab(101).With(101, g => g.SlowPrograms["date"] = 75);
        var result = await Open(lab).RunAsync(new GuestCommand("date", ["+%s"], TimeSpan.FromMinutes(5)), Stop);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_program_that_never_ends_is_given_up_at_the_deadline()
    {
        var lab = new GuestLab(101).With(101, g => g.SlowPrograms["date"] = 1e6);
        var started = lab.Host.Clock.GetTimestamp();
        var failure = await Assert.ThrowsAsync<HostTimeoutException>(
            () => Open(lab).RunAsync(new GuestCommand("date", ["+%s"], TimeSpan.FromSeconds(90)), Stop));
        Assert.Contains("date in VM 101 (web) had not ended after 90 s (pid 1200 in the guest)", failure.Message,
            StringComparison.Ordinal);
        Assert.InRange(lab.Host.Clock.GetElapsedTime(started).TotalSeconds, 90, 95);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var failure = await Assert.ThrowsAsync<ObjectNotFoundException>(
            () => Open(new GuestLab(101)).RunAsync(new GuestCommand("nosuch", [], s_minute), Stop));
        Assert.Equal(ErrorIds.GuestProgramNotFound, failure.ErrorId);
        Assert.Contains("has no nosuch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operating_system_is_reported() =>
        Assert.Equal(new GuestSystem(false, "Ubuntu 24.04.2 LTS"), await Open(new GuestLab(101)).GetSystemAsync(Stop));

    [Fact]
    public async Task A_text_that_qm_cannot_take_at_once_is_refused()
    {
        var lab = new GuestLab(101);
        await Assert.ThrowsAsync<HostCommandException>(() => Open(lab).RunAsync(
            new GuestCommand("/bin/sh", ["-c", LinuxGuestScripts.Part.Body, "part", "/var/tmp/x/part-0"], s_minute)
            {
                Input = new string('A', (1 << 20) + 4),
            }, Stop));
    }

    [Fact]
    public async Task Input_travels_by_standard_input_alone()
    {
        var programs = Programs("""{ "exited" : 1, "exitcode" : 0 }""");
        var channel = new GuestChannels(programs, TimeProvider.System).Open(Endpoint);
        await channel.RunAsync(new GuestCommand("cat", ["-"], s_minute) { Input = "secret" }, Stop);
        var seen = Assert.Single(programs.Requests);
        Assert.Equal("secret", seen.Input);
        Assert.Equal("guest exec 101 --timeout 30 --pass-stdin 1 -- cat -", string.Join(' ', seen.Arguments));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static GuestEndpoint Endpoint => new(new VmId(101), "VM 101 (web)", GuestVia.Agent);

    private static IGuestChannel Open(GuestLab lab) =>
        new GuestChannels(lab.Host.Processes, lab.Host.Clock).Open(Endpoint);

    private static Task<GuestResult> Answer(string json) =>
        new GuestChannels(Programs(json), TimeProvider.System).Open(Endpoint)
        .RunAsync(new GuestCommand("true", [], s_minute), Stop);

    private static ProgramScript Programs(string output) =>
        new() { Run = _ => new ProcessResult(0, null, false, 0, output, "") };
}
