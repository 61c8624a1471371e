using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Text;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Tests.Licensing;
using VgpuPS.Tests.Operations.Licensing;
using Xunit;

namespace VgpuPS.Tests.Text;

/// <summary>
/// A guest that knows the token, and says whatever it likes: no argument list, message, plan, warning or event has any
/// of the token, nothing moves a cursor, and nothing ends as a fault of this program. Argument lists and standard input
/// are kept.
/// </summary>
[Trait("Duration", "Long")]
public sealed class HostileGuestTests
{
    private const int Rounds = 60;

    private static readonly string s_token = Tokens.Make(
        signature: "TOPsecretSIGNATUREmark0123456789", marker: "PAYLOADmark");

    [Theory]
    [InlineData(101, null)]
    [InlineData(104, null)]
    [InlineData(101, GuestVia.Ssh)]
    public void Nothing_that_a_guest_says_leads_its_token_out(int vm, GuestVia? transport)
    {
        var (refused, done) = (0, 0);
        for (var seed = 0; seed < Rounds; seed++)
        {
            var lab = new GuestLab(vm);
            var runner = new HostileRunner(lab.Host.Processes, seed);
            var said = new StringBuilder();
            var ports = lab.Vms.Ports with { GuestChannels = new GuestChannels(runner, lab.Host.Clock) };
            var request = GuestLab.Request(vm, s_token) with { Via = transport, TimeoutSeconds = 5 };
            foreach (var asked in new[] { request with { IsPlanOnly = true }, request })
            {
                if (Try(said, () => HostUseCases.SetGridLicense.RunAsync(ports, asked, new Collector(said), default)))
                {
                    done++;
                }
                else
                {
                    refused++;
                }
            }

            said.AppendJoin('\n', lab.Vms.Warnings);
            AssertKept(runner, said, seed);
        }

        // Each kind of outcome was met, or the test shows nothing.
        Assert.True(refused > Rounds / 4 && done > 0, $"{refused} refused, {done} done");
    }

    [Theory]
    [InlineData(101)]
    [InlineData(104)]
    public void Reading_and_removing_are_as_deaf(int vm)
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var lab = new GuestLab(vm);
            lab.Set(GuestLab.Request(vm, s_token));
            var runner = new HostileRunner(lab.Host.Processes, seed);
            var said = new StringBuilder();
            var ports = lab.Vms.Ports with { GuestChannels = new GuestChannels(runner, lab.Host.Clock) };
            Try(said, () => HostUseCases.ReadGridLicense.RunAsync(
                ports, new ReadGridLicenseRequest { Vm = $"{vm}" }, new Collector(said), default));
            Try(said, () => HostUseCases.RemoveGridLicense.RunAsync(
                ports, new RemoveGridLicenseRequest { Vm = $"{vm}" }, new Collector(said), default));
            foreach (var (call, _) in runner.Calls)
            {
                Assert.False(HasPiece(call, 20), $"seed {seed}: {call}");
            }
        }
    }

    [Theory]
    [InlineData(
        "/etc/nvidia/ClientConfigToken/a\u2019; [IO.File]::WriteAllText(\u2018x\u2019,\u2018y\u2019); \u2018.tok")]
    [InlineData("/etc/nvidia/ClientConfigToken/../../shadow.tok")]
    [InlineData("/etc/shadow")]
    [InlineData("/etc/nvidia/ClientConfigToken/$(id).tok")]
    [InlineData("/etc/nvidia/ClientConfigToken/a\u001b[2J.tok")]
    public void A_name_that_is_no_tokens_is_refused_and_run_nowhere(string path)
    {
        var lab = new GuestLab(101).Put(
            101, path.StartsWith(GuestLab.Folder, StringComparison.Ordinal) ? path : GuestLab.Folder + "/x.tok", "old");
        var runner = new HostileRunner(lab.Host.Processes, null) { Listing = path + "\n" };
        var ports = lab.Vms.Ports with { GuestChannels = new GuestChannels(runner, lab.Host.Clock) };
        var failure = Assert.Throws<UnreadableDataException>(() => HostUseCases.SetGridLicense.RunAsync(
            ports, GuestLab.Request(101, s_token), new Collector(new StringBuilder()),
            TestContext.Current.CancellationToken).GetAwaiter().GetResult());
        Assert.Contains("not a token's name", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            runner.Calls, c => c.Call.Contains(path[(path.LastIndexOf('/') + 1)..], StringComparison.Ordinal));
    }

    private static void AssertKept(HostileRunner runner, StringBuilder said, int seed)
    {
        foreach (var (call, input) in runner.Calls)
        {
            Assert.False(HasPiece(call), $"seed {seed}, argument list: {call}");
            Assert.True(input == s_token || !HasPiece(input), $"seed {seed}, standard input of {call}: {input}");
        }

        Assert.False(HasPiece(said.ToString()), $"seed {seed}: {said}");
        Assert.Equal(said.ToString(), VisibleText.Of(said.ToString(), keepLines: true));
    }

    private static bool HasPiece(string text, int length = SecretText.PieceLength)
    {
        for (var at = 0; at + length <= s_token.Length; at++)
        {
            if (text.Contains(s_token.Substring(at, length), StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Try<T>(StringBuilder said, Func<Task<T>> work)
    {
        try
        {
            var result = work().GetAwaiter().GetResult();
            said.AppendLine(result!.ToString());
            if (result is ChangeResult change)
            {
                said.AppendJoin('\n', change.Plan.Steps).AppendJoin('\n', change.Plan.Losses);
            }

            return true;
        }
        catch (VgpuException e)
        {
            said.AppendLine(e.Message).AppendLine(e.RecommendedAction).AppendLine(e.Target);
            said.AppendLine((e as HostCommandException)?.Command).AppendLine((e as HostCommandException)?.Output);
            return false;
        }
    }

    private sealed class Collector(StringBuilder said) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => said.AppendLine(value.Text);
    }

    /// <summary>Answers for the guest: mostly what it says, and now and then something of its own.</summary>
    private sealed class HostileRunner(IProcessRunner inner, int? seed) : IProcessRunner
    {
        private readonly Random _random = new(seed ?? 0);

        /// <summary>Argument lists, what is base64 in them decoded, with standard input.</summary>
        public List<(string Call, string Input)> Calls { get; } = [];

        public string? Listing { get; init; }

        public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
        {
            var call = string.Join(' ', [request.FileName, .. request.Arguments, .. request.Arguments.Select(Decoded)]);
            Calls.Add((call, request.Input));
            var result = await inner.RunAsync(request, cancellationToken);
            if (Listing is not null)
            {
                return request.Arguments.Contains("tokens")
                    ? result with { Output = WithText(result.Output, "out-data", Listing) } : result;
            }

            return seed is null || _random.Next(5) > 0 ? result : Answer(request, result);
        }

        public Task<AttributeWriteResult> WriteAttributeAsync(
            string path, string value, TimeSpan deadline, CancellationToken cancellationToken) =>
            inner.WriteAttributeAsync(path, value, deadline, cancellationToken);

        private ProcessResult Answer(ProcessRequest request, ProcessResult result)
        {
            var piece = s_token.Substring(_random.Next(s_token.Length - 24), 24);
            string[] texts =
            [
                s_token, piece, $"{GuestLab.Folder}/{piece}.tok\n", $"{GuestLab.WindowsFolder}\\{piece}.tok\r\n",
                $"{GuestLab.Folder}/{piece[..12]}\e[2J.tok\n", $"ClientConfigTokenPath=/opt/{piece}\n",
                $"1700000000\e]0;{piece}\a",
                $"Driver Version : {piece}\n", "\u202Egnihton", $"No space left on device {piece}", "", "0", "-1",
                "99999999999999999999", new string('9', 5000), $"License Status : Licensed (Expiry: {piece})\n",
            ];
            var text = texts[_random.Next(texts.Length)];
            if (request.FileName != "/usr/sbin/qm")
            {
                return result with
                {
                    Output = text,
                    Error = text,
                    ExitCode = _random.Next(3) == 0
                    ? 255 : result.ExitCode
                };
            }

            return _random.Next(6) switch
            {
                0 => result with { ExitCode = 255, Output = "", Error = $"VM 101 (web) does not run: {text}\e[31m" },
                1 => result with { Output = "\n" },
                2 => result with { Output = """{"exited":1,"exitcode":0,"out-data":"\ud800"}""" },
                3 => result with { Output = WithText(result.Output, "err-data", text) },
                4 => result with { Output = WithText(result.Output, "pretty-name", text) },
                _ => result with { Output = WithText(result.Output, "out-data", text) },
            };
        }

        private static string WithText(string output, string member, string text)
        {
            try
            {
                var reply = JsonNode.Parse(output)!.AsObject();
                (reply["result"] as JsonObject ?? reply)[member] = text;
                return reply.ToJsonString();
            }
            catch (JsonException)
            {
                return output;
            }
        }

        private static string Decoded(string word)
        {
            var bytes = new byte[word.Length];
            return word.Length > 40 && Convert.TryFromBase64String(word, bytes, out var count)
                ? Encoding.Unicode.GetString(bytes, 0, count) : "";
        }
    }
}
