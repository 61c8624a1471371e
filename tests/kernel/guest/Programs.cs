using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
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
        var run = await Cli.Wrap(program).WithArguments(arguments)
            .WithEnvironmentVariables(environment?.ToDictionary(v => v.Key, v => (string?)v.Value) ?? [])
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        return run.ExitCode == ShellSignals + Killed
            ? new LabHookResult(null, Killed, run.StandardOutput, run.StandardError)
            : new LabHookResult(run.ExitCode, null, run.StandardOutput, run.StandardError);
    }

    /// <summary>Starts a program that goes on with its output in pipes, and its input too or closed.</summary>
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
