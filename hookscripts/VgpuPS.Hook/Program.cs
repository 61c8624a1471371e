using System.Runtime.InteropServices;
using VgpuPS.Host;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Hook;

/// <summary>The native face on a Proxmox host; the one place where its objects are wired.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        StandardStreams.Fill();
        if (AskPassCommand.TryRun(arguments, Console.Out) is { } answered)
        {
            return answered;
        }

        var files = new LinuxHostFiles();
        if (arguments is [WriteAttributeCommand.Name, var path, var value])
        {
            return WriteAttributeCommand.Run(files, path, value, Console.Out);
        }

        var clock = TimeProvider.System;
        var processes = new LinuxProcessRunner(clock);
        var text = new HookText(Console.Out, Console.Error);
        HostPorts Connect(Action<string> warn) => HostWiring.Connect(
            new NativeNvmlApi(), files, processes, clock, Environment.ProcessId, warn);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                stop.Cancel();
            });
        var ports = Connect(text.Warn);
        if (arguments is [AgentCommand.Name])
        {
            return await AgentCommand.RunAsync(
                AgentCommand.Introduce(ports.Proxmox.Node, Environment.IsPrivilegedProcess), HostUseCases.All,
                (useCase, request, observer, token) =>
                    useCase.RunAsync(Connect(observer.Warn), request, observer, token),
                text, stop.Token).ConfigureAwait(false);
        }

        if (arguments is [MetricsCommand.Name, MetricsCommand.Http])
        {
            StandardStreams.Block();
            return await new MetricsCommand(ports, text).ServeAsync(
                Console.OpenStandardInput(), Console.OpenStandardOutput(), stop.Token).ConfigureAwait(false);
        }

        var migratedFrom = Environment.GetEnvironmentVariable("PVE_MIGRATED_FROM");
        if (arguments is [WorkerCommand.Name, var vm, var phase] && VmId.TryParse(vm, out var id)
            && WorkerPage.TryOpen(clock) is { } page)
        {
            CallTrace.Page = page;
            return await WorkerCommand.RunAsync(
                ports, page, id, phase, text, migratedFrom, stop.Token).ConfigureAwait(false);
        }

        var commands = new HookCommands(
            ports, processes, text, migratedFrom, Environment.GetEnvironmentVariable(ChainGuard.Variable),
            new WorkerPhaseWork(ports, files, text, migratedFrom));
        return await commands.RunAsync(arguments, stop.Token).ConfigureAwait(false);
    }
}
