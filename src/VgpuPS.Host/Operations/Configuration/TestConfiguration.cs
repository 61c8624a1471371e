using System.Text;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.VmStart;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Operations.Configuration;

/// <summary>Judges a configuration on a host: the host's own, or one that is not there yet.</summary>
internal sealed class TestConfiguration(HostPorts host)
{
    /// <summary>Judges it; what is wrong is a result.</summary>
    /// <exception cref="VgpuException">The host's VMs cannot be read.</exception>
    public IReadOnlyList<VgpuConfigurationTestInfo> Run(TestConfigurationRequest request)
    {
        var path = request.Path ?? StatePaths.Settings;
        byte[]? content;
        try
        {
            content = request.Content is { } text ? Encoding.UTF8.GetBytes(text) : host.Settings.ReadText();
        }
        catch (HostNotReadyException e)
        {
            return [Row(path, "Trusted", "", [e.Message], e.RecommendedAction)];
        }

        var readable = ConfigurationText.Judge(path, content);
        if (!readable.Passed || content is null)
        {
            return [readable];
        }

        var settings = SettingsFormat.Read(content, path);
        var all = host.Proxmox.GetVms().Concat(host.Proxmox.GetVmsElsewhere().Select(v => v.Vm))
            .Select(v => v.ToString()).ToHashSet(StringComparer.Ordinal);
        var named = settings.Chain.Keys.Concat(settings.KeepTypes.Keys).Concat(settings.VgpuParameters.Keys);
        return
        [
            readable,
            Row(path, "Vms", "all VMs that it names exist",
                [.. named.Distinct().Where(v => !all.Contains(v)).Select(v => $"there is no VM {v}")],
                "take it out, or correct the number: nano " + path),
            .. JudgeVgpus(path, settings),
            Row(path, "Chain", "all chained scripts can be run", [.. FindBrokenChains(settings)],
                "correct the path: nano " + path),
        ];
    }

    private IEnumerable<VgpuConfigurationTestInfo> JudgeVgpus(string path, HookSettings settings)
    {
        var (missing, refused) = (new List<string>(), new List<string>());
        var types = new Lazy<Dictionary<VgpuTypeId, VgpuType>>(ReadTypes);
        var vms = host.Proxmox.GetVms().ToDictionary(v => v.ToString(), StringComparer.Ordinal);
        foreach (var (vm, entries) in settings.VgpuParameters.Where(v => vms.ContainsKey(v.Key)))
        {
            var config = VmFinder.Read(host, vms[vm]).Config;
            foreach (var (name, parameters) in entries)
            {
                var entry = HostPciGrammar.IndexOf(name) is { } index ? config.NextHostPciAt(index) : null;
                if (entry is null || !VgpuEntries.TryGetType(entry, vms[vm], settings, out var id))
                {
                    missing.Add($"{name} of VM {vm} is no vGPU");
                }
                else if (id is { } known && types.Value.TryGetValue(known, out var type)
                    && VgpuParameters.FindFault(parameters, type) is { } fault)
                {
                    refused.Add($"{name} of VM {vm}: {fault}");
                }
            }
        }

        yield return Row(path, "Vgpus", "all entries with plugin parameters are vGPUs", missing,
            "take them out: nano " + path);
        yield return Row(path, "Types", "types allow their plugin parameters", refused,
            "take them out, or choose another type: nano " + path);
    }

    /// <summary>What the driver knows; nothing where it does not answer.</summary>
    private Dictionary<VgpuTypeId, VgpuType> ReadTypes()
    {
        try
        {
            using var driver = host.Driver.Open();
            return host.Devices.GetGpus().Where(g => g.Driver == "nvidia").SelectMany(g => driver.GetTypes(g.Address))
                .DistinctBy(t => t.Id).ToDictionary(t => t.Id);
        }
        catch (VgpuException)
        {
            return [];
        }
    }

    private IEnumerable<string> FindBrokenChains(HookSettings settings)
    {
        foreach (var vm in settings.Chain.Keys)
        {
            VgpuException? fault = null;
            try
            {
                StartRules.RequireChain(host, settings, VmId.TryParse(vm, out var id) ? id : default);
            }
            catch (VgpuException e)
            {
                fault = e;
            }

            if (fault is not null)
            {
                yield return $"VM {vm}: {fault.Message}";
            }
        }
    }

    private static VgpuConfigurationTestInfo Row(
        string path, string check, string right, IReadOnlyList<string> wrong, string action) => new()
        {
            Path = path,
            Check = check,
            Passed = wrong.Count == 0,
            Detail = wrong.Count == 0 ? right : string.Join("; ", wrong),
            RecommendedAction = wrong.Count == 0 ? null : action,
        };
}

/// <summary>Requests a judgement of a configuration.</summary>
public sealed record TestConfigurationRequest
{
    /// <summary>Its text; null for the host's own.</summary>
    public string? Content { get; init; }

    /// <summary>Where the text is from, for messages; null for the host's own.</summary>
    public string? Path { get; init; }
}
