using System.Globalization;
using System.Text;
using System.Text.Json;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>
/// All that a refused start must leave as it was: GPUs with MIG mode, functions, instances and vGPUs, and every file
/// but the host lock's text and the count of runs.
/// </summary>
internal static class HostSnapshot
{
    private const string HostLock = "/run/vgpups/lock";

    // Compared by what they say.
    private static readonly string[] s_ownFiles =
        ["/var/log/vgpups/", "/run/vgpups/claims.json ", "/run/qemu-server/pci-id-reservations "];

    // Locks are made where they are missing, as by Proxmox itself, and stay; a failed run is counted.
    private static readonly string[] s_locks =
    [
        HostLock, HostLock + ".waiting", "/run/vgpups/assign.lock", "/run/vgpups/chain-101.lock",
        "/run/qemu-server/pci-id-reservations.lock", "/run/vgpups/counters.lock", "/run/vgpups/counters.json",
    ];

    public static string Take(LabHostNode node)
    {
        var text = new StringBuilder();
        foreach (var gpu in node.Host.State.Gpus)
        {
            var copy = JsonSerializer.SerializeToNode(gpu, LabStateJsonContext.Default.LabGpu)!.AsObject();

            // Energy and bytes add up while time goes by.
            Assert.True(copy.Remove("meters"));
            text.AppendLine(copy.ToJsonString());
        }

        AddFiles(text, "", node.Host.State.Root);
        return text.ToString();
    }

    /// <summary>
    /// The same, but for what a change that was taken back leaves: the log of it, handles that died, learned demand,
    /// and a claims or reservations file that has nothing in it.
    /// </summary>
    public static string TakeUndone(LabHostNode node) =>
        node.Snapshot() + '\n' + string.Join('\n', Take(node).Split('\n')
        .Where(line => !s_ownFiles.Any(path => line.StartsWith(path, StringComparison.Ordinal)))
        .Select(line => Generation(line)));

    private static string Generation(string line)
    {
        const string Member = "\"generation\":";
        var at = line.IndexOf(Member, StringComparison.Ordinal);
        return at < 0 ? line : line[..at] + line[line.IndexOf(',', at)..];
    }

    private static void AddFiles(StringBuilder text, string path, LabEntry entry)
    {
        foreach (var (name, child) in entry.Entries ?? [])
        {
            AddFiles(text, $"{path}/{name}", child);
        }

        if (entry.Entries is null && !s_locks.Contains(path))
        {
            var content = entry.Content is { } bytes ? Convert.ToHexString(bytes) : $"-> {entry.Target}";
            text.AppendLine(CultureInfo.InvariantCulture, $"{path} {entry.Mode} {content}");
        }
    }
}
