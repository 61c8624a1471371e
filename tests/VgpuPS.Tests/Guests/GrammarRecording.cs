using System.Globalization;
using System.Text;
using System.Text.Json;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Tests.Guests;

/// <summary>One recording of how Proxmox reads a configuration; tests/data/pve-recordings/README.md explains.</summary>
internal sealed class GrammarRecording
{
    private const string Devices = "/sys/bus/pci/devices/";

    private readonly JsonElement _given;

    private GrammarRecording(JsonElement root)
    {
        _given = root.GetProperty("given");
        Observed = root.GetProperty("observed");
        Generation = root.GetProperty("generation").GetString() == "8.4" ? PveGeneration.Pve8 : PveGeneration.Pve9;
        Functions = [.. ReadFunctions(_given.GetProperty("sysfs"))];
        Mappings = _given.GetProperty("mapping").GetString() is { } mapping
            ? PciMappings.Read(Encoding.UTF8.GetBytes(mapping))
            : PciMappings.None;
    }

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "data", "pve-recordings");

    public JsonElement Observed { get; }

    public PveGeneration Generation { get; }

    public IReadOnlyList<PciDeviceFacts> Functions { get; }

    public PciMappings Mappings { get; }

    public string Node => _given.GetProperty("node").GetString()!;

    public VmId Vm => new(_given.GetProperty("vmid").GetInt32());

    public string Conf => _given.GetProperty("conf").GetString()!;

    public static GrammarRecording Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")));
        return new GrammarRecording(document.RootElement.Clone());
    }

    public HostPciChoice ChoiceFor(HostPciEntry entry) =>
        HostPciChoices.For(
            entry, Mappings, Node, [.. Functions.Select(f => f.Address)],
            address => Functions.FirstOrDefault(f => f.Address == address), Generation);

    private static IEnumerable<PciDeviceFacts> ReadFunctions(JsonElement sysfs)
    {
        var files = sysfs.EnumerateObject().ToDictionary(file => file.Name, file => file.Value);
        foreach (var name in files.Keys.Where(path => path.StartsWith(Devices, StringComparison.Ordinal))
            .Select(path => path[Devices.Length..].Split('/')[0]).Where(name => name.Length > 0).Distinct())
        {
            var folder = Devices + name;
            var group = files[folder + "/iommu_group"].GetProperty("link").GetString()!.Split('/')[^1];
            yield return new PciDeviceFacts(
                PciAddress.Parse(name), Hex(folder + "/vendor"), Hex(folder + "/device"),
                Hex(folder + "/subsystem_vendor"), Hex(folder + "/subsystem_device"),
                int.Parse(group, CultureInfo.InvariantCulture),
                files.Keys.Any(path => path.StartsWith(folder + "/nvidia/", StringComparison.Ordinal)
                    || path.StartsWith(folder + "/mdev_supported_types/", StringComparison.Ordinal)));
        }

        string Hex(string path) => files[path].GetString()!.Trim()[2..];
    }
}
