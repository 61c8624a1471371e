using System.Runtime.InteropServices;
using VgpuPS.LabHook.Commands;

namespace VgpuPS.LabHook;

/// <summary>The lab's face: the hook's own faces on a simulated host, and the host's life around them.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                stop.Cancel();
            });
        return await new LabCommands(Terminal.Standard(), Console.Error).RunAsync(arguments, stop.Token)
            .ConfigureAwait(false);
    }
}
