using System.Text.Json.Nodes;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>One recording of a VM's life under genuine Proxmox; tests/data/pve-recordings/README.md explains.</summary>
internal sealed class PveRecording
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "data", "pve-recordings");

    private PveRecording(JsonObject root)
    {
        Given = root["given"]!.AsObject();
        Steps = [.. root["steps"]!.AsArray().Select(step => step!.AsObject())];
        Observed =
        [
            root["observed"]!.AsObject(),
            .. root["observedVariants"]?.AsArray().Select(variant => variant!.AsObject()) ?? [],
        ];
        Generation = (string?)root["generation"] == "8.4" ? PveGeneration.Pve8 : PveGeneration.Pve9;
        IsLegacy = (bool)root["legacyCleanup"]!;
    }

    /// <summary>Families of lives; the grammar- family has tests of its own.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(s_folder, "*.json")
        .Select(path => Path.GetFileNameWithoutExtension(path))
        .Where(name => !name.StartsWith("grammar-", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public JsonObject Given { get; }

    public IReadOnlyList<JsonObject> Steps { get; }

    /// <summary>All correct outcomes, the recorded one first.</summary>
    public IReadOnlyList<JsonObject> Observed { get; }

    public PveGeneration Generation { get; }

    public bool IsLegacy { get; }

    public string Node => (string)Given["node"]!;

    public VmId Vm => new((int)Given["vmid"]!);

    public string ConfPath => $"/etc/pve/nodes/{(string?)Given["confNode"] ?? Node}/qemu-server/{Vm}.conf";

    public static PveRecording Load(string name) =>
        new(JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, name + ".json")))!.AsObject());
}
