using System.Text;
using Newtonsoft.Json.Linq;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>A module and an agent of different protocols find out at the agent's first line, and each says what
/// helps.</summary>
public sealed class GoldenProtocolTests
{
    /// <summary>The first line of <c>vgpu-hook agent</c> at 0680506, when the protocol was 1; the list of use cases is
    /// shortened.</summary>
    private const string Recorded = """
        {"kind":"Hello","id":0,"hello":{"protocol":1,"version":"0.1.0-preview1","node":"pve1","user":"root","isRoot":true,"useCases":["addVmVgpu","showHost"]}}
        """;

    [Fact]
    public void The_first_line_of_protocol_1_is_read_whatever_the_protocol_is_now()
    {
        var handshake = Assert.IsType<AgentHandshake>(AgentProtocol.TryRead(Encoding.UTF8.GetBytes(Recorded))?.Hello);
        Assert.Equal((1, "0.1.0-preview1", "pve1", "root", true),
            (handshake.Protocol, handshake.Version, handshake.Node, handshake.User, handshake.IsRoot));
        Assert.Equal(["addVmVgpu", "showHost"], handshake.UseCases);
        Assert.Equal(AgentProtocol.Version == 1 ? null : ErrorIds.AgentVersionMismatch, Judge(handshake)?.ErrorId);
    }

    /// <summary>An older module reads this line too: its members stay, and what is added beside them is skipped
    /// there.</summary>
    [Fact]
    public void The_first_line_of_now_says_what_protocol_1_read()
    {
        var line = Encoding.UTF8.GetString(AgentProtocol.Write(new AgentFrame(AgentFrameKind.Hello)
        {
            Hello = new AgentHandshake(
                AgentProtocol.Version, "0.1.0-preview1", "pve1", "root", true, ["addVmVgpu", "showHost"]),
        }));
        var (before, now) = (JObject.Parse(Recorded), JObject.Parse(line));
        before["hello"]!["protocol"] = AgentProtocol.Version;
        Assert.All(before.Properties().Where(p => p.Name != "hello"), p => Assert.Equal(p.Value, now[p.Name]));
        Assert.All(((JObject)before["hello"]!).Properties(), p => Assert.Equal(p.Value, now["hello"]![p.Name]));
    }

    [Theory]
    [InlineData(-1, "Update-VgpuHost -HostName pve1")]
    [InlineData(0, null)]
    [InlineData(+1, "Update-PSResource VgpuPS")]
    public void An_agent_of_another_protocol_is_refused_with_what_to_bring_up_to_date(int newer, string? action)
    {
        var failure = Judge(new AgentHandshake(AgentProtocol.Version + newer, "0.1.0", "pve1", "root", true, []));
        Assert.Equal(action is null ? null : ErrorIds.AgentVersionMismatch, failure?.ErrorId);
        Assert.Equal(action is null, failure is null);
        Assert.Contains(action ?? "", failure?.RecommendedAction ?? "", StringComparison.Ordinal);
    }

    private static HostConnectionException? Judge(AgentHandshake handshake)
    {
        try
        {
            AgentProtocol.CheckVersion(handshake, "pve1", "0.1.0");
            return null;
        }
        catch (HostConnectionException failure)
        {
            return failure;
        }
    }
}
