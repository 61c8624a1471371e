using System.Management.Automation;
using System.Management.Automation.Runspaces;
using VgpuPS.Help;
using VgpuPS.Sessions;
using VgpuPS.Tests.Architecture;

namespace VgpuPS.Tests.Commands;

/// <summary>PowerShell in this process, with the module as a user has imported it.</summary>
/// <remarks>
/// The manifest is filled as a build does it; views and types are the checkout's; the assembly is the one that the
/// tests were built with, since the runtime takes an assembly of that name from the test's own folder wherever a
/// manifest says it is.
/// </remarks>
internal sealed class Engine : IDisposable
{
    /// <summary>Folder of the module's manifest and views, made once a process.</summary>
    private static readonly Lazy<string> s_folder = new(MakeFolder);

    private readonly Runspace _runspace;
    private volatile PowerShell? _running;

    public Engine()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ThreadOptions = PSThreadOptions.UseCurrentThread;

        // Otherwise a module that cannot be imported is simply not there.
        state.ThrowOnRunspaceOpenError = true;
        state.ImportPSModule([Path.Combine(s_folder.Value, "VgpuPS.psd1")]);
        _runspace = RunspaceFactory.CreateRunspace(Host, state);
        _runspace.Open();
        PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
    }

    public RecordingHost Host { get; } = new();

    /// <summary>Forgets variables, location and answers that were left, as a new one would have none.</summary>
    public void Reset()
    {
        _runspace.ResetRunspaceState();
        _runspace.SessionStateProxy.Path.SetLocation(s_folder.Value);
        Host.Answers.Clear();
    }

    /// <summary>Sets a variable.</summary>
    public void Set(string name, object value) => _runspace.SessionStateProxy.SetVariable(name, value);

    /// <summary>Ends the script that runs, as Ctrl+C does; from any thread.</summary>
    public void Interrupt() => _running?.BeginStop(null, null);

    /// <summary>Runs a script to its end, or to the error that ends it.</summary>
    public EngineResult Run(string script)
    {
        Host.Printed.Clear();
        Host.Progress.Clear();
        Host.Questions.Clear();
        using var shell = PowerShell.Create(_runspace);
        _running = shell;
        List<PSObject> output = [];
        ErrorRecord? last = null;
        try
        {
            shell.AddScript(script).Invoke(null, output);
        }
        catch (RuntimeException e)
        {
            last = e.ErrorRecord;
        }
        finally
        {
            _running = null;
        }

        // The streams are emptied with the shell.
        return new EngineResult(
            output,
            [.. shell.Streams.Error, .. last is null ? [] : new[] { last }],
            [.. shell.Streams.Warning.Select(w => w.Message)],
            [.. shell.Streams.Information.Where(i => i.Tags.Contains(PlanConfirmation.PlanTag))
                .Select(i => i.MessageData.ToString()!)],
            [.. Host.Printed],
            [.. Host.Questions])
        {
            Progress = [.. Host.Progress],
        };
    }

    /// <summary>What the Tab key offers at the end of a line.</summary>
    public IReadOnlyList<string> Complete(string typed)
    {
        using var shell = PowerShell.Create(_runspace);
        return [.. CommandCompletion.CompleteInput(typed, typed.Length, null, shell).CompletionMatches.Select(
            m => m.CompletionText)];
    }

    public void Dispose() => _runspace.Dispose();

    private static string MakeFolder()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"vgpups-tests-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, true);
        var own = Path.Combine(folder, "module");
        Directory.CreateDirectory(Path.Combine(own, "bin"));
        File.WriteAllText(Path.Combine(folder, "VgpuPS.psd1"), Manifest.Fill(
            File.ReadAllText(Path.Combine(Checkout.Root, "VgpuPS.psd1")),
            CommandModel.FindAll(typeof(VgpuCmdlet).Assembly).Select(c => c.Name)));
        File.Copy(typeof(VgpuCmdlet).Assembly.Location, Path.Combine(own, "bin", "VgpuPS.dll"));
        foreach (var views in Directory.GetFiles(Path.Combine(Checkout.Root, "module"), "*.ps1xml"))
        {
            File.Copy(views, Path.Combine(own, Path.GetFileName(views)));
        }

        // PowerShell adds its own modules to this; those that the machine has are none of the tests' business.
        Environment.SetEnvironmentVariable("PSModulePath", Path.Combine(folder, "none"));
        return folder;
    }
}

/// <summary>What a script wrote.</summary>
/// <param name="Output">Objects, in order.</param>
/// <param name="Errors">Errors that were written; then the one that ended it, if any.</param>
/// <param name="Warnings">Texts of warnings.</param>
/// <param name="Steps">Steps of plans, as the information stream carries them.</param>
/// <param name="Printed">What the host printed.</param>
/// <param name="Questions">Questions that were asked and answered.</param>
internal sealed record EngineResult(
    IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Steps, IReadOnlyList<string> Printed, IReadOnlyList<string> Questions)
{
    /// <summary>Progress that was shown: activity, step, kind.</summary>
    public IReadOnlyList<string> Progress { get; init; } = [];

    /// <summary>Ids of the errors, without the command's name.</summary>
    public IReadOnlyList<string> ErrorIds => [.. Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])];
}
