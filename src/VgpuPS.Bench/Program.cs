using System.Reflection;

namespace VgpuPS.Bench;

/// <summary>Measures what a vGPU delivers, in the guest that has it.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Streams.Fill();
        var driver = new CudaDriver();
        using var stop = new StopSignal(() => driver.Pending);
        try
        {
            Run(BenchOptions.Parse(arguments), driver, TimeProvider.System, stop.Token);
            return 0;
        }
        catch (BenchFailure e)
        {
            Streams.WriteFailure(e.Message, e.Action);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return stop.ExitCode;
        }
        catch (Exception e)
        {
            Streams.WriteFailure(
                $"unexpected {e.GetType().Name}: {e.Message}",
                $"report this bug of vgpu-bench with its arguments; it happened {e.StackTrace?.Trim()}");
            return ExitCodes.Software;
        }
    }

    private static void Run(
        BenchOptions options, CudaDriver driver, TimeProvider clock, CancellationToken cancellationToken)
    {
        switch (options.Command)
        {
            case BenchOptions.Help:
                Streams.WriteLine(BenchHelp.Text);
                break;
            case BenchOptions.Version:
                Streams.WriteLine(Version);
                break;
            case BenchOptions.Clock:
                Streams.WriteLine(BenchLines.Clock(clock.GetUtcNow()));
                break;
            case BenchOptions.Info:
                driver.Load();
                Streams.WriteLine(BenchLines.Device(CudaDevice.Find(driver, options.Device)));
                break;
            default:
                Measure(options, driver, clock, cancellationToken);
                break;
        }
    }

    private static void Measure(
        BenchOptions options, CudaDriver driver, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (options.StartAt is { } planned)
        {
            CommonStart.Require(planned, clock.GetUtcNow(), "started");
        }

        driver.Load();
        var device = CudaDevice.Find(driver, options.Device);
        Streams.WriteLine(BenchLines.Device(device));
        var session = CudaSession.Open(driver, device);
        string result;
        try
        {
            result = Measure(options, session, clock, cancellationToken);
        }
        catch
        {
            session.Abandon();
            throw;
        }

        session.Close();
        Streams.WriteLine(result);
    }

    private static string Measure(
        BenchOptions options, CudaSession session, TimeProvider clock, CancellationToken cancellationToken)
    {
        var work = Work.Of(options, session);
        work.SetUp(cancellationToken);
        var sampler = new Sampler(session, work, clock, options.Interval);
        sampler.WarmUp(cancellationToken);
        Streams.WriteLine(BenchLines.Ready(options.Command, clock.GetUtcNow()));
        if (options.StartAt is { } startAt)
        {
            CommonStart.Require(startAt, clock.GetUtcNow(), "set up and warm");
            CommonStart.Await(startAt, clock, cancellationToken);
        }

        var samples = new List<Sample>();
        var seconds = sampler.Run(
            options.Seconds,
            sample =>
            {
                samples.Add(sample);
                Streams.WriteLine(BenchLines.Sample(sample));
            },
            cancellationToken);
        session.Synchronize();
        work.CheckAgain(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return BenchLines.Result(options.Command, work.Unit, samples, seconds);
    }

    private static string Version =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "0";
}
