using VgpuPS.Core.Metrics;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Looks at a GPU while its vGPUs are measured, from the host: power, clocks, link, and who else
/// works.</summary>
/// <param name="host">The host.</param>
/// <param name="gpu">The GPU.</param>
/// <param name="measured">vGPUs that are measured, by their handle.</param>
internal sealed class PerformanceWatch(HostPorts host, MeasuredGpu gpu, IReadOnlyCollection<uint> measured)
    : IDisposable
{
    // What the driver averages over still has the run before.
    private const int SkippedLoads = 3;
    private const double EdgeSeconds = 0.5;

    private static readonly (string Reading, string Name)[] s_reasons =
    [
        ("power_cap", "SwPowerCap"), ("hardware_slowdown", "HwSlowdown"),
        ("software_thermal", "SwThermalSlowdown"), ("hardware_thermal", "HwThermalSlowdown"),
        ("power_brake", "HwPowerBrakeSlowdown"), ("application_clocks", "ApplicationsClocksSetting"),
        ("sync_boost", "SyncBoost"),
    ];

    private readonly IGpuDriverSession _driver = host.Driver.Open();
    private readonly List<GpuLook> _looks = [];
    private readonly List<double> _clocks = [];
    private readonly SortedSet<string> _events = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, double> _others = [];
    private double? _power;
    private double? _limit;
    private double? _celsius;
    private PcieLink? _link;
    private int _kept;

    /// <summary>Looks at it.</summary>
    /// <param name="now">The moment by the host's clock, in seconds since 1970.</param>
    public void Look(double now) => _looks.Add(new GpuLook(
        now, _driver.ReadGpu(gpu.Address), host.Devices.FindLink(gpu.Address),
        MeasurementPlanner.ReadLoads(_driver, gpu.Address)));

    /// <summary>Keeps what was seen in a time that counts; what was seen while programs were set up goes.</summary>
    public void Keep(CommonWindow window)
    {
        // At its ends the guest's clock may be wrong, and the driver averages.
        var edge = Math.Min(EdgeSeconds, window.Seconds / 4);
        var inside = _looks.Where(l => l.Seconds >= window.StartSeconds + edge
            && l.Seconds <= window.EndSeconds - edge).ToList();

        // A second is too short for a look of its own.
        foreach (var look in inside.Count > 0 ? inside : _looks.TakeLast(1))
        {
            Keep(look);
        }

        _looks.Clear();
    }

    private void Keep(GpuLook look)
    {
        var readings = look.Readings;
        if (readings.ClocksHertz.FirstOrDefault(c => c.Name == "sm").Reading.Value is { } hertz)
        {
            _clocks.Add(hertz / 1e6);
        }

        _events.UnionWith(s_reasons
            .Where(r => readings.ClockEvents.Any(e => e.Name == r.Reading && e.Reading.Value > 0)).Select(r => r.Name));
        _power = Larger(_power, readings.PowerWatts.Value);
        _limit = readings.PowerLimitWatts.Value ?? _limit;
        _celsius = Larger(_celsius, readings.TemperatureCelsius.Value);
        if (look.Link is { } link && (_link is null || link.GigaTransfers > _link.GigaTransfers))
        {
            // An idle link goes down to save power, so that the fastest is what it was at work.
            _link = link;
        }

        if (++_kept > SkippedLoads)
        {
            foreach (var (vgpu, load) in look.Loads.Where(l => !measured.Contains(l.Key)))
            {
                _others[vgpu] = Math.Max(load, _others.GetValueOrDefault(vgpu));
            }
        }
    }

    /// <summary>How many vGPUs the GPU has.</summary>
    public int CountVgpus() => _driver.GetActiveVgpus(gpu.Address).Count;

    /// <summary>Licence of a vGPU as the host sees it; null where the driver does not report it, or the vGPU has
    /// ended.</summary>
    public VgpuLicense? FindLicense(MeasuredVm vm) => _driver.FindGuestState(gpu.Address, vm.Vgpu.Active)?.License;

    /// <summary>What it was like, for a VM's row.</summary>
    public VgpuPerformanceConditions Describe(MeasuredVm vm, string? license) => new()
    {
        Scheduler = vm.IsMigBacked ? null : gpu.Scheduler,
        HostDriver = gpu.HostDriver,
        GuestDriver = vm.GuestDriver,
        License = license,
        Ecc = gpu.Ecc,
        LowestClockMHz = _clocks.Count > 0 ? Math.Round(_clocks.Min()) : null,
        HighestClockMHz = _clocks.Count > 0 ? Math.Round(_clocks.Max()) : null,
        PowerWatts = Round(_power),
        PowerLimitWatts = Round(_limit),
        ClockEvents = _clocks.Count > 0 || _events.Count > 0 ? string.Join(", ", _events) : null,
        PcieLink = _link?.ToString(),
        GpuNode = gpu.Function.NumaNode,
        Affinity = vm.Affinity,
        Parameters = vm.Parameters,
    };

    /// <summary>What may have spoilt figures.</summary>
    public IEnumerable<string> Notes()
    {
        if (_events.Contains("SwPowerCap"))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"the board's power limit ({_limit:0} W) held its clocks down");
        }

        if (_events.Where(e => e is not ("SwPowerCap" or "ApplicationsClocksSetting" or "SyncBoost"))
            .ToList() is { Count: > 0 } held)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"its clocks were held down ({string.Join(", ", held)}) at {_celsius:0} degrees");
        }

        if (_events.Contains("ApplicationsClocksSetting"))
        {
            yield return "its clocks are limited by a setting (nvidia-smi -q -d CLOCK on the host shows it)";
        }

        if (_link is { IsBelowMaximum: true } link)
        {
            yield return $"its PCI Express link ran at {link} of {link.Maximum}";
        }

        foreach (var (vgpu, load) in _others.Where(o => o.Value >= MeasurementPlanner.BusyShare).OrderBy(o => o.Key))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{gpu.Users.GetValueOrDefault(vgpu, "a VM that started meanwhile")} used its vGPU on the same GPU to "
                    + $"{load * 100:0} %");
        }
    }

    public void Dispose() => _driver.Dispose();

    private static double? Larger(double? one, double? other) =>
        one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);

    private static double? Round(double? value) => value is { } known ? Math.Round(known, 1) : null;
}

/// <summary>What a GPU was like at a moment.</summary>
/// <param name="Seconds">The moment by the host's clock, in seconds since 1970.</param>
/// <param name="Readings">What the driver measured.</param>
/// <param name="Link">Its PCI Express link; null where it is not known.</param>
/// <param name="Loads">How much its vGPUs did, by their handle, 0 to 1.</param>
internal sealed record GpuLook(
    double Seconds, GpuReadings Readings, PcieLink? Link, IReadOnlyDictionary<uint, double> Loads);
