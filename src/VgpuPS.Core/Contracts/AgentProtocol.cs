using System.Text;
using System.Text.Json;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>
/// Lines between a module and an agent: one JSON object a line, UTF-8, answers in any order by number. The agent speaks
/// first; what stands before its first line is not ours.
/// </summary>
public static class AgentProtocol
{
    /// <summary>The version that both ends must speak; what a newer program adds to a line does not change it.</summary>
    public const int Version = 1;

    /// <summary>Longest line, in bytes.</summary>
    public const int LongestLine = 64 << 20;

    /// <summary>How often the module pings.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which the module takes the agent for dead.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    /// <summary>Silence after which the agent takes the module for dead: a workstation may sleep for a while.</summary>
    public static readonly TimeSpan LongestClientSilence = TimeSpan.FromMinutes(10);

    /// <summary>A frame as a line, its end included.</summary>
    public static byte[] Write(AgentFrame frame) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(frame, AgentJsonContext.Default.AgentFrame), (byte)'\n'];

    /// <summary>A line as a frame; null for one that is none.</summary>
    public static AgentFrame? TryRead(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || line[0] != (byte)'{')
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line, AgentJsonContext.Default.AgentFrame);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The first characters of a line that is none of ours, without control characters.</summary>
    public static string Quote(ReadOnlySpan<byte> line)
    {
        const int Most = 160;
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, Most * 4)]);
        return new string([.. text.Take(Most).Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
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
