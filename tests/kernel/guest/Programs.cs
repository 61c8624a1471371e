using System.Diagnostics;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.KernelBed.Guest;

/// <summary>Programs of the guest.</summary>
internal static class Programs
{
    private const int Killed = 9;
    private const int ShellSignals = 128;

    /// <summary>Runs a program to its end.</summary>
    internal static LabHookResult Run(string program, params string[] arguments) =>
        RunAsync(program, arguments, null).GetAwaiter().GetResult();

    /// <summary>Runs a program to its end.</summary>
    internal static async Task<LabHookResult> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var code = process.ExitCode;
        return code == ShellSignals + Killed
            ? new LabHookResult(null, Killed, await output, await error)
            : new LabHookResult(code, null, await output, await error);
    }

    /// <summary>Starts a program with its output in pipes, and its input too or closed.</summary>
    internal static Process Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment,
        bool keepInput = false)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        if (!keepInput)
        {
            process.StandardInput.Close();
        }

        return process;
    }
}
