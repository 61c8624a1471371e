using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations;

/// <summary>A change of a VM's configuration that has been decided on, hook included.</summary>
/// <param name="Vm">The VM as it was read.</param>
/// <param name="Values">Keys to set, beside the hookscript.</param>
/// <param name="Deletions">Keys to delete.</param>
/// <param name="Hook">What is missing of the hook.</param>
/// <param name="Texts">Sentences of the plan as it was shown: of the hook, of the configuration, of the chain.</param>
internal sealed record VmChange(
    VmSubject Vm, IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Deletions, HookPlan Hook,
    IReadOnlyList<string> Texts)
{
    /// <summary>New plugin parameters of an entry; null where they stay.</summary>
    public ParameterChange? Parameters { get; init; }

    /// <summary>The script that is taken out of the chain once no configuration needs it there; null for
    /// none.</summary>
    public ChainedScript? Unchained { get; init; }

    /// <summary>What it will have done.</summary>
    public ForeseenChange Foresee()
    {
        var values = Hook.Volume is { } volume
            ? Values.Append(new KeyValuePair<string, string>("hookscript", volume)) : Values;
        return new ForeseenChange
        {
            VmSettings =
            [
                .. values.Select(v => new ForeseenVmSetting(Vm.Id.Value, v.Key, v.Value)),
                .. Deletions.Select(k => new ForeseenVmSetting(Vm.Id.Value, k, null)),
            ],
            HookFiles = Hook.Install is { } path ? [path] : [],
        };
    }

    /// <summary>Executes it: file and chain first, then the configuration as one write.</summary>
    /// <exception cref="HostCommandException">Proxmox said that it did it, and did not.</exception>
    public Task RunAsync(
        HostPorts host, string source, IProgress<StepProgress>? progress, CancellationToken cancellationToken)
    {
        var executor = new Executor(host, source, progress) { Vm = Vm.Id.Value };
        return executor.RunAsync(Plan(host, executor), cancellationToken);
    }

    private List<ChangeStep> Plan(HostPorts host, Executor executor)
    {
        var steps = new List<ChangeStep>();
        var texts = new Queue<string>(Texts);
        if (Hook.Install is { } path)
        {
            steps.Add(
                Step(texts.Dequeue(), () => host.HookFiles.Install(path), "installHook", path, "",
                    HookVolume.InstalledPath));
        }

        if (Hook.Chain is { } script)
        {
            steps.Add(Step(
                texts.Dequeue(), () => Chain(host, executor, script), "chainScript", $"VM {Vm.Id}", "", script.Path));
        }

        if (Parameters is { } parameters)
        {
            steps.Add(new ChangeStep([.. parameters.Texts.Select(_ => texts.Dequeue())], _ =>
            {
                SetParameters(host, executor, parameters);
                return Task.CompletedTask;
            })
            {
                Event = new StepEvent(
                    "configureVgpuParameters", $"VM {Vm.Id} {parameters.Entry}", parameters.Before, parameters.After),
            });
        }

        // Several keys are one write, and so begin together.
        var last = Unchained is null ? 0 : 1;
        var values = new Dictionary<string, string>(Values, StringComparer.Ordinal);
        if (Hook.Volume is { } volume)
        {
            values["hookscript"] = volume;
        }

        if (values.Count + Deletions.Count > 0)
        {
            steps.Add(new ChangeStep(
                [.. texts.SkipLast(last)], token => WriteAsync(host, executor, values, token)));
        }

        if (Unchained is not null)
        {
            steps.Add(Step(
                texts.Last(), () => host.Settings.SetChain(Vm.Id, null), "unchainScript", $"VM {Vm.Id}", Unchained.Path,
                ""));
        }

        return steps;
    }

    private static ChangeStep Step(
        string text, Action run, string action, string target, string before, string after) =>
        new(text, action, target, run) { Event = new StepEvent(action, target, before, after) };

    /// <summary>The chain is rolled back when the configuration cannot be changed; the file does no harm.</summary>
    private void Chain(HostPorts host, Executor executor, ChainedScript script)
    {
        host.Settings.SetChain(Vm.Id, script);
        if (!Hook.IsChained)
        {
            executor.OnUndo(_ =>
            {
                host.Settings.SetChain(Vm.Id, null);
                return Task.CompletedTask;
            });
        }
    }

    private void SetParameters(HostPorts host, Executor executor, ParameterChange parameters)
    {
        host.Settings.SetParameters(Vm.Id, parameters.Entry, parameters.After);
        executor.OnUndo(_ =>
        {
            host.Settings.SetParameters(Vm.Id, parameters.Entry, parameters.Before);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Writes the configuration unless another user or program changed it since it was read, and reads it back.
    /// </summary>
    private async Task WriteAsync(
        HostPorts host, Executor executor, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        await host.ConfigWriter.ChangeAsync(
            Vm.Id, new VmConfigChange(values, Deletions, Vm.Digest), cancellationToken).ConfigureAwait(false);
        var after = VmFinder.Read(host, Vm.Id);
        foreach (var key in values.Keys.Concat(Deletions))
        {
            var wanted = values.GetValueOrDefault(key);
            var found = after.Config.NextValue(key);
            if (!IsSame(key, wanted, found, Vm.Generation))
            {
                throw new HostCommandException(
                    ErrorIds.ReadBackMismatch,
                    $"qm set of {Vm.Label} reported success, and its {key} is {found ?? "not set"} instead of "
                        + $"{wanted ?? "not set"}",
                    $"look at it: qm config {Vm.Id}; qm pending {Vm.Id}; systemctl status pve-cluster",
                    $"qm set {Vm.Id}", 0,
                    "", Vm.Id.ToString());
            }

            executor.Log(
                wanted is null ? "deleteVmSetting" : "setVmSetting", $"VM {Vm.Id} {key}",
                Vm.Config.NextValue(key) ?? "", wanted ?? "");
        }
    }

    /// <summary>Proxmox may write properties in an order of its own.</summary>
    private static bool IsSame(string key, string? wanted, string? found, PveGeneration generation)
    {
        if (wanted == found || wanted is null || found is null || HostPciGrammar.IndexOf(key) is not { } index)
        {
            return wanted == found;
        }

        return HostPciGrammar.Parse(index, wanted, generation).Entry is { } one
            && HostPciGrammar.Parse(index, found, generation).Entry is { } other
            && one.Properties.Count == other.Properties.Count && !one.Properties.Except(other.Properties).Any();
    }
}

/// <summary>What is missing until a VM has our hook.</summary>
/// <param name="Install">Path of the snippet to write; null where the right one is there.</param>
/// <param name="Chain">The VM's other hookscript, to be chained; null for none.</param>
/// <param name="Volume">New value of <c>hookscript</c>; null where it stays.</param>
/// <param name="Steps">Sentences for display, in order.</param>
internal sealed record HookPlan(string? Install, ChainedScript? Chain, string? Volume, IReadOnlyList<string> Steps)
{
    /// <summary>Whether a script of the VM was in the chain before.</summary>
    public bool IsChained { get; init; }

    /// <summary>All is there.</summary>
    public static HookPlan Nothing { get; } = new(null, null, null, []);
}
