using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations;

/// <summary>New plugin parameters of an entry in the hook's configuration.</summary>
/// <param name="Entry">The entry, <c>hostpciN</c>.</param>
/// <param name="Before">What the configuration has now; empty for none.</param>
/// <param name="After">What it shall have; empty for none.</param>
/// <param name="Texts">Sentences of the plan; the first is the change itself.</param>
internal sealed record ParameterChange(string Entry, string Before, string After, IReadOnlyList<string> Texts)
{
    private const string File = "/etc/vgpups/config.json";

    /// <summary>Decides on it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="settings">The configuration.</param>
    /// <param name="entry">The entry, <c>hostpciN</c>.</param>
    /// <param name="requested">
    /// New values by name, null to take one away; an empty list to take all away; null where nothing is requested.
    /// </param>
    /// <param name="type">The entry's type at the next start; null where it is not known.</param>
    /// <returns>The change; null where the configuration stays as it is.</returns>
    /// <exception cref="InvalidRequestException">A name, a value or a combination is not right, or the type does not
    /// allow it, whoever configured it.</exception>
    public static ParameterChange? Find(
        VmSubject vm, HookSettings settings, string entry, IReadOnlyDictionary<string, long?>? requested,
        VgpuType? type)
    {
        var before = settings.ParametersOf(vm.Id, entry);
        var parameters = Merge(VgpuParameters.Read(before), requested, vm, entry);
        var after = VgpuParameters.Format(parameters);
        Require(vm, entry, VgpuParameters.FindFault(parameters)
            ?? (type is null ? null : VgpuParameters.FindFault(parameters, type)), after);
        return after == before ? null : new ParameterChange(entry, before, after, Describe(vm, entry, before, after));
    }

    /// <summary>The change that leaves an entry without any; null where it has none.</summary>
    public static ParameterChange? Clear(VmSubject vm, HookSettings settings, string entry) =>
        settings.ParametersOf(vm.Id, entry) is { Length: > 0 } before
            ? new ParameterChange(entry, before, "", [DescribeRemoval(vm, entry, before)]) : null;

    private static Dictionary<string, int> Merge(
        IReadOnlyDictionary<string, int> present, IReadOnlyDictionary<string, long?>? requested, VmSubject vm,
        string entry)
    {
        var merged = requested is { Count: 0 } ? [] : present.ToDictionary(StringComparer.Ordinal);
        foreach (var (typed, value) in requested ?? new Dictionary<string, long?>())
        {
            var name = VgpuParameter.All.FirstOrDefault(
                p => p.Name.Equals(typed, StringComparison.OrdinalIgnoreCase))?.Name ?? typed;
            Require(vm, entry, VgpuParameters.FindFault(name, value ?? 0), "");
            merged.Remove(name);
            if (value is { } number)
            {
                merged[name] = (int)number;
            }
        }

        return merged;
    }

    private static void Require(VmSubject vm, string entry, string? fault, string parameters)
    {
        if (fault is not null)
        {
            // An entry that is to be added is not there for Set-VmVgpu.
            throw new InvalidRequestException(
                ErrorIds.InvalidVgpuParameter, $"plugin parameters of {entry} of {vm.Label}: {fault}",
                vm.Config.NextValue(entry) is null
                    ? "choose other parameters or another type: Get-Help Add-VmVgpu -Parameter Parameter; Get-VgpuType"
                    : parameters.Length == 0
                    ? $"name one that is known: Set-VmVgpu -VmId {vm.Id} -Entry {entry} -Parameter @{{disable_vnc=1}}"
                    : $"choose another type or other parameters, or take all of them away: "
                        + $"Set-VmVgpu -VmId {vm.Id} -Entry {entry} -Parameter @{{}}", entry);
        }
    }

    private static List<string> Describe(VmSubject vm, string entry, string before, string after)
    {
        if (after.Length == 0)
        {
            return [DescribeRemoval(vm, entry, before)];
        }

        List<string> texts =
        [
            $"set plugin parameters of {entry} of {vm.Label} in {File} to {after}, before: "
                + (before.Length == 0 ? "none" : before),
        ];
        if (VgpuParameters.FindCost(VgpuParameters.Read(after)) is { } cost)
        {
            texts.Add($"give up live migration of {vm.Label}: {cost}");
        }

        return texts;
    }

    private static string DescribeRemoval(VmSubject vm, string entry, string before) =>
        $"take plugin parameters {before} of {entry} of {vm.Label} out of {File}";
}
