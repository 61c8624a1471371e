namespace VgpuPS.Lab.Machine;

/// <summary>How a boot of the machine goes.</summary>
public sealed class LabBootSetup
{
    /// <summary>The daemon that tells the driver which vGPU types there are.</summary>
    public const string TypesUnit = "nvidia-vgpud.service";

    /// <summary>The daemon that vGPUs need while they run.</summary>
    public const string ManagerUnit = "nvidia-vgpu-mgr.service";

    /// <summary>When the driver is loaded, in milliseconds.</summary>
    public long DriverAfterMs { get; set; }

    /// <summary>When GPUs are bound to it that come later than that, by address, in milliseconds.</summary>
    public SortedDictionary<string, long> GpusAfterMs { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Units.</summary>
    /// <remarks>Source: facts/host-behaviour.md 7: one that ends when the types are registered, one that stays.</remarks>
    public List<LabBootUnit> Units { get; set; } = [new() { Name = TypesUnit, RunsForMs = 0 }, new() { Name = ManagerUnit }];

    /// <summary>A boot that takes the time that a real one takes (assumed).</summary>
    public static LabBootSetup Slow() => new()
    {
        DriverAfterMs = 8_000,
        Units =
        [
            new() { Name = TypesUnit, StartAfterMs = 9_000, RunsForMs = 4_000 },
            new() { Name = ManagerUnit, StartAfterMs = 13_500 },
        ],
    };
}
