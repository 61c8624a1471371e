using VgpuPS.Core.Metrics;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>Reads what needs the driver: it is opened for this, and closed.</summary>
internal sealed class DriverMetricReader(
    HostPorts host, HostMetricReader files, MetricCollection found, bool hasCounters)
{
    /// <summary>VMs with vGPUs; complete once <see cref="ReadAsync(CancellationToken)"/> has ended.</summary>
    public List<VmId> Vms { get; } = [];

    /// <summary>Whether it ended before all was read, since somebody waits for the host lock.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Reads all GPUs; one that does not answer is not there.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!host.Devices.DriverIsReady)
        {
            found.Add(HostMetrics.DriverUp, 0);
            return;
        }

        IGpuDriverSession driver;
        try
        {
            driver = host.Driver.Open();
        }
        catch (VgpuException)
        {
            found.Add(HostMetrics.DriverUp, 0);
            found.Fail(HostMetricReader.Driver);
            return;
        }

        using (driver)
        {
            found.Add(HostMetrics.DriverUp, 1);
            await ReadAsync(driver, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(IGpuDriverSession driver, CancellationToken cancellationToken)
    {
        files.Try(HostMetricReader.Driver, () => found.Add(HostMetrics.Driver, 1, driver.DriverVersion));
        var reader = new GpuReader(host, driver, files.File)
        {
            Present = files.Gpus,
            Reservations = ReadReservations(),
        };
        var gpus = new List<GpuMetricReader>();
        try
        {
            foreach (var gpu in files.Gpus.Where(g => g.Driver == "nvidia").TakeWhile(_ => GoesOn()))
            {
                var one = new GpuMetricReader(host, driver, reader, files.File, gpu, found)
                {
                    HasCounters = hasCounters,
                };
                if (Try(one, one.Begin))
                {
                    gpus.Add(one);
                }
                else
                {
                    one.Dispose();
                }
            }

            if (gpus.Exists(g => g.IsSampling) && GoesOn())
            {
                await Task.Delay(ReadMetrics.SampleGap, host.Clock, cancellationToken).ConfigureAwait(false);
            }

            foreach (var one in gpus.TakeWhile(_ => GoesOn()))
            {
                _ = Try(one, one.End);
                IsGivenUp |= one.IsGivenUp;
                Vms.AddRange(one.Vms);
            }

            found.Add(HostMetrics.Orphans, gpus.Sum(g => g.CountOrphans()), "vgpu");
        }
        finally
        {
            gpus.ForEach(g => g.Dispose());
        }
    }

    private bool GoesOn()
    {
        IsGivenUp |= found.IsOver;
        return !IsGivenUp;
    }

    private IReadOnlyList<FunctionReservation> ReadReservations()
    {
        IReadOnlyList<FunctionReservation> all = [];
        files.Try(HostMetricReader.Claims, () => all = host.Proxmox.GetReservations());
        return all;
    }

    private bool Try(GpuMetricReader gpu, Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (VgpuException)
        {
            found.Add(GpuMetrics.Up, 0, gpu.Address);
            return false;
        }
    }
}
