using System.Text.Json;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Contracts;

public static partial class SettingsFormat
{
    private const string Learn = "learn";
    private const string TypePrefix = "nvidia-";

    private static Dictionary<string, double>? ReadDemand(JsonElement? demand, SettingsCheck check)
    {
        if (demand is not { } element || (element.ValueKind == JsonValueKind.String && element.ValueEquals(Learn)))
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            throw check.Wrong("demand is \"learn\" or an object of weights by profile name", "demand");
        }

        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetDouble(out var weight)
                || !double.IsFinite(weight) || weight < 0)
            {
                throw check.Wrong($"the weight of {member.Name} is not a number from 0", "demand", member.Name);
            }

            weights[member.Name] = weight;
        }

        return weights;
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> ReadKeepTypes(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> byVm, SettingsCheck check)
    {
        var types = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (vm, byEntry) in byVm)
        {
            CheckVm(vm, check, "keepTypes");
            if (byEntry is null)
            {
                throw check.Wrong($"keepTypes of VM {vm} is not an object", "keepTypes", vm);
            }

            foreach (var (entry, type) in byEntry)
            {
                if (HostPciGrammar.IndexOf(entry) is null)
                {
                    throw check.Wrong($"'{entry}' is not hostpci0 to hostpci15", "keepTypes", vm, entry);
                }

                if (type is null || !type.StartsWith(TypePrefix, StringComparison.Ordinal)
                    || !VgpuTypeId.TryParse(type[TypePrefix.Length..], out _))
                {
                    throw check.Wrong($"'{type}' is not a type such as nvidia-1147", "keepTypes", vm, entry);
                }
            }

            types[vm] = byEntry;
        }

        return types;
    }

    private static Dictionary<string, ChainedScript> ReadChain(
        IReadOnlyDictionary<string, ChainedScriptDocument> byVm, SettingsCheck check)
    {
        var scripts = new Dictionary<string, ChainedScript>(StringComparer.Ordinal);
        foreach (var (vm, script) in byVm)
        {
            CheckVm(vm, check, "chain");
            if (script is null)
            {
                throw check.Wrong($"chain of VM {vm} is not an object", "chain", vm);
            }

            if (!script.Path.StartsWith('/') || script.Path.Contains('\0', StringComparison.Ordinal))
            {
                throw check.Wrong($"'{script.Path}' is not an absolute path", "chain", vm, "path");
            }

            scripts[vm] = new ChainedScript(
                script.Path, check.Choice(script.Order, ChainOrder.After, s_order, "chain", vm, "order"));
        }

        return scripts;
    }

    private static void CheckVm(string vm, SettingsCheck check, string member)
    {
        if (!VmId.TryParse(vm, out _))
        {
            throw check.Wrong($"'{vm}' is not the number of a VM", member, vm);
        }
    }
}
