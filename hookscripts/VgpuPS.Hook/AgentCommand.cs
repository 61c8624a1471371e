using System.Text.Json;
using VgpuPS.Host;

namespace VgpuPS.Hook;

/// <summary>The agent's command line: lines on standard input and output, failures in two lines on standard
/// error.</summary>
public static class AgentCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "agent";

    /// <summary>Serves a module until its end of the connection is closed.</summary>
    /// <param name="handshake">Who this is.</param>
    /// <param name="useCases">What it can run.</param>
    /// <param name="run">Runs one on this host.</param>
    /// <param name="text">Takes the failure of the agent itself.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        AgentHandshake handshake, IReadOnlyList<UseCase> useCases,
        Func<UseCase, JsonElement, ISessionObserver, CancellationToken, Task<JsonElement>> run, HookText text,
        CancellationToken cancellationToken)
    {
        // The channel is not disposed: closing standard input would wait for a read that never ends.
        var channel = new AgentChannel(Console.OpenStandardInput(), Console.OpenStandardOutput());
        try
        {
            await new AgentServer(handshake, useCases, run, TimeProvider.System).RunAsync(channel, cancellationToken)
                .ConfigureAwait(false);
            return 0;
        }
        catch (Exception e)
        {
            return text.Fail(Name, e, $"connect again from the workstation: Connect-VgpuHost {handshake.Node}");
        }
    }

    /// <summary>Who an agent of this process is.</summary>
    /// <param name="node">The host's own name.</param>
    /// <param name="isRoot">Whether it may do what root may.</param>
    public static AgentHandshake Introduce(string node, bool isRoot) =>
        new(AgentProtocol.Version, ProgramVersion.Own, node, FindUser(), isRoot, []);

    /// <remarks>Source: measured on kernel 6.12: without an entry in /etc/passwd, and without the file, asking
    /// throws.</remarks>
    private static string FindUser()
    {
        try
        {
            return Environment.UserName;
        }
        catch (IOException)
        {
            return Environment.GetEnvironmentVariable("USER") ?? "unknown";
        }
    }
}
