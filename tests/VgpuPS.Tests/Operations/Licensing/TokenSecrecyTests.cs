using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Licensing;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

/// <summary>The token is nowhere but in the guest's file: no command line, message, event, plan or host file has any of
/// it.</summary>
public sealed class TokenSecrecyTests
{
    private const string Mark = "TOPSECRETSIGNATUREMARK";

    private static readonly string s_token = Tokens.Make(signature: Mark + "AAAA", marker: "PAYLOADMARK");

    [Theory]
    [InlineData(101, null, LabLicenseFault.None)]
    [InlineData(104, null, LabLicenseFault.None)]
    [InlineData(101, GuestVia.Ssh, LabLicenseFault.None)]
    [InlineData(101, null, LabLicenseFault.NoEntitlement)]
    [InlineData(104, null, LabLicenseFault.TokenNotRead)]
    public void A_token_is_nowhere_but_in_the_guest(int vm, GuestVia? transport, LabLicenseFault fault)
    {
        var lab = new GuestLab(vm).With(vm, g => g.LicenseFault = fault);
        var seen = new StringBuilder();
        lab.Host.Processes.CommandLines = line => seen.AppendLine(line).AppendLine(Decoded(line));
        lab.Host.Gate.IsTracing = true;
        var request = GuestLab.Request(vm, s_token) with { Via = transport };
        var text = new Text(seen);
        seen.AppendLine(request.ToString());
        Try(() => Append(seen, HostUseCases.SetGridLicense.RunAsync(
            lab.Vms.Ports, request with { IsPlanOnly = true }, text, default).GetAwaiter().GetResult()), seen);
        Try(() => Append(seen, HostUseCases.SetGridLicense.RunAsync(
            lab.Vms.Ports, request, text, default).GetAwaiter().GetResult()), seen);
        Try(() => Append(seen, HostUseCases.SetGridLicense.RunAsync(
            lab.Vms.Ports, request with { Server = "other" }, text, default).GetAwaiter().GetResult()), seen);
        seen.AppendJoin('\n', lab.Host.Gate.Trace).AppendJoin('\n', lab.Vms.Warnings);
        AddFiles(seen, lab.Host.State.Root);
        seen.AppendJoin('\n', lab.Host.State.KernelLog);
        AssertClean(seen.ToString());
    }

    [Fact]
    public void A_guest_that_says_the_token_is_not_repeated()
    {
        var lab = new GuestLab(101).With(101, g => g.ReadOnlyPaths.Add("/etc/nvidia/" + s_token));
        var failure = Record(() => lab.Set(GuestLab.Request(101, s_token)));
        Assert.Null(failure);
        var command = new GuestCommand("/bin/sh", ["-c", "true"], TimeSpan.FromSeconds(1)) { Input = s_token };
        AssertClean(command.ToString());
    }

    private static Exception? Record(Action work) => Xunit.Record.Exception(work);

    private static void AssertClean(string text)
    {
        foreach (var part in s_token.Split('.').Append(s_token).Append(Mark).Append("PAYLOADMARK"))
        {
            Assert.DoesNotContain(part, text, StringComparison.Ordinal);
        }
    }

    private static void Try(Action work, StringBuilder seen)
    {
        try
        {
            work();
        }
        catch (VgpuException e)
        {
            seen.AppendLine(e.ToString()).AppendLine(e.RecommendedAction).AppendLine(e.Target);
            seen.AppendLine((e as HostCommandException)?.Command).AppendLine((e as HostCommandException)?.Output);
        }
    }

    // What a command line holds in base64 is no secret kept.
    private static string Decoded(string line) =>
        string.Join('\n', line.Split(' ').Where(w => w.Length > 40).Select(w =>
    {
        var bytes = new byte[w.Length];
        return Convert.TryFromBase64String(w, bytes, out var count) ? Encoding.Unicode.GetString(bytes, 0, count) : "";
    }));

    private static void Append(StringBuilder seen, ChangeResult result) => seen.AppendLine(result.ToString())
        .AppendJoin('\n', result.Plan.Steps).AppendJoin('\n', result.Plan.Losses);

    private static void AddFiles(StringBuilder text, LabEntry entry)
    {
        text.AppendLine(entry.Content is { } bytes ? Encoding.UTF8.GetString(bytes) : "");
        foreach (var (name, child) in entry.Entries ?? [])
        {
            text.AppendLine(name);
            AddFiles(text, child);
        }
    }

    private sealed class Text(StringBuilder seen) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => seen.AppendLine(value.Text);
    }
}
