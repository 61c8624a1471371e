using System.Text;
using System.Text.Json;
using VgpuPS.Core.Borders;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>
/// Lines between a module and an agent: one JSON object a line, UTF-8, answers in any order by number. The agent speaks
/// first; what stands before its first line is not ours.
/// </summary>
public static class AgentProtocol
{
    /// <summary>The version that both ends must speak; what a newer program adds to a line does not change it.</summary>
    public const int Version = 2;

    /// <summary>Longest line, in bytes.</summary>
    public const int LongestLine = 64 << 20;

    /// <summary>How often the module pings.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which the module takes the agent for dead.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    /// <summary>Silence after which the agent takes the module for dead: a workstation may sleep for a while.</summary>
    public static readonly TimeSpan LongestClientSilence = TimeSpan.FromMinutes(10);

    /// <summary>Longest time that a reading request waits for a word of its own.</summary>
    public static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(60);

    /// <summary>Longest time that a request which was cancelled waits for its end.</summary>
    public static readonly TimeSpan LongestEnding = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of lines that one end keeps for a peer which does not read.</summary>
    public const int MostUnread = 128 << 20;

    /// <summary>Most requests that an agent works on at once.</summary>
    public const int MostRequests = 256;

    /// <summary>A frame as a line, its end included.</summary>
    public static byte[] Write(AgentFrame frame) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(frame, AgentJsonContext.Default.AgentFrame), (byte)'\n'];

    /// <summary>A line as a frame; null for one that is none.</summary>
    public static AgentFrame? TryRead(ReadOnlySpan<byte> line) => Read(line).Frame;

    /// <summary>What a line says.</summary>
    public static AgentLine Read(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return new AgentLine(null, 0, null);
        }

        if (line[0] != (byte)'{')
        {
            return new AgentLine(null, 0, "it is no JSON object");
        }

        try
        {
            return new AgentLine(JsonSerializer.Deserialize(line, AgentJsonContext.Default.AgentFrame), 0, null);
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            return new AgentLine(null, FindId(line), IsWhole(line) ? null : e.Message);
        }
    }

    /// <summary>Whether it is an object that a newer program may have sent: without a kind, or of one unknown here.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            using var parsed = JsonDocument.ParseValue(ref reader);
            return reader.BytesConsumed == line.Length && (!parsed.RootElement.TryGetProperty("kind", out var kind)
                || (kind.ValueKind == JsonValueKind.String && !Enum.TryParse<AgentFrameKind>(kind.GetString(), out _)));
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            return false;
        }
    }

    /// <summary>The request that a line belongs to, as far as it can be read; 0 for none.</summary>
    private static int FindId(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("id"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var id) ? id : 0;
                }
            }
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            // It broke before.
        }

        return 0;
    }

    /// <summary>The first characters of a line that is none of ours, without control characters.</summary>
    public static string Quote(ReadOnlySpan<byte> line)
    {
        const int Most = 160;
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, Most * 4)]);
        return VisibleText.Of(text[..Math.Min(text.Length, Most)].Trim());
    }

    /// <summary>Whether an agent is one that this program can work with.</summary>
    /// <param name="hello">The agent.</param>
    /// <param name="host">Name of the host, for people.</param>
    /// <param name="ownVersion">Version of this program.</param>
    /// <exception cref="HostConnectionException">It speaks another version of the protocol.</exception>
    public static void CheckVersion(AgentHello hello, string host, string ownVersion)
    {
        if (hello.Protocol < Version)
        {
            throw new HostConnectionException(
                ErrorIds.AgentVersionMismatch,
                $"vgpu-hook {hello.Version} on {host} is older than this module {ownVersion} (protocol {hello.Protocol}, not {Version})",
                $"Bring it up to date: Update-VgpuHost -HostName {host}", host);
        }

        if (hello.Protocol > Version)
        {
            throw new HostConnectionException(
                ErrorIds.AgentVersionMismatch,
                $"vgpu-hook {hello.Version} on {host} is newer than this module {ownVersion} (protocol {hello.Protocol}, not {Version})",
                "Bring the module up to date: Update-PSResource VgpuPS", host);
        }
    }
}

/// <summary>A line as it was understood.</summary>
/// <param name="Frame">The frame; null for a line that is none.</param>
/// <param name="Id">Request that a line which is none belongs to; 0 for none.</param>
/// <param name="Problem">Why it cannot be read; null where nothing is wrong with it, as a newer program may say more.</param>
public readonly record struct AgentLine(AgentFrame? Frame, int Id, string? Problem);
