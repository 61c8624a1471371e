using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>What is in a guest, and what must be done to license it.</summary>
internal sealed record LicensePlan
{
    public required GuestOs Os { get; init; }

    /// <summary>Its vGPUs.</summary>
    public required IReadOnlyList<GuestVgpu> Vgpus { get; init; }

    /// <summary>Version of the host's driver.</summary>
    public required string? HostDriver { get; init; }

    /// <summary>Its configuration.</summary>
    public required GuestLicenseConfig Config { get; init; }

    /// <summary>What <c>nvidia-smi</c> says.</summary>
    public required SmiReport Smi { get; init; }

    /// <summary>Its clock less the host's.</summary>
    public required TimeSpan Skew { get; init; }

    /// <summary>Where the token shall lie.</summary>
    public required string TokenPath { get; init; }

    /// <summary>Whether the token must be written.</summary>
    public required bool NeedsToken { get; init; }

    /// <summary>Tokens that are put aside, one at <see cref="TokenPath"/> included.</summary>
    public required IReadOnlyList<string> OldTokens { get; init; }

    /// <summary>Which licence is requested.</summary>
    public required int FeatureType { get; init; }

    /// <summary>Whether the configuration must be written.</summary>
    public bool NeedsConfig => Config.FeatureType != FeatureType || Config.HasServerAddress;

    /// <summary>Letter of the vGPU's class; null where its name does not show it.</summary>
    public char? VgpuClass => LicenseProduct.ClassOf(Vgpus[0].TypeName);

    /// <summary>The plan for display.</summary>
    public ChangePlan ToChangePlan(ClientToken token, TimeSpan limit)
    {
        var steps = new List<string>();
        if (NeedsToken)
        {
            steps.Add($"write the {token} to {TokenPath} in {Os.Guest.Vm.Label}, {Os.Guest.System.Name}");
        }

        steps.AddRange(OldTokens.Select(t => $"rename the old token {t} to {t}{GuestOs.AsideSuffix}"));
        if (NeedsConfig)
        {
            var before = Config.FeatureType?.ToString(CultureInfo.InvariantCulture) ?? "not set";
            steps.Add($"set FeatureType to {FeatureType} (before: {before})"
                + string.Concat(Config.Keys.Select((k, i) => $"{(i == 0 ? " in" : " and")} HKLM\\{k}"))
                + (Config.HasServerAddress ? ", and remove ServerAddress, which breaks licensing by token" : "")
                + (Config.Text is null ? "" : "; a copy of gridd.conf stays beside it"));
        }

        if (steps.Count > 0 || !Smi.IsLicensed)
        {
            steps.Add(string.Create(CultureInfo.InvariantCulture,
                $"restart {Os.ServiceName} and wait until the licence is acquired, {limit.TotalSeconds:0} s maximum"));
        }

        return new ChangePlan(Os.Guest.Vm.Label, steps, []);
    }
}
