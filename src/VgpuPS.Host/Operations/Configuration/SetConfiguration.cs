using System.Text;
using System.Text.Json;
using VgpuPS.Core.Settings;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Operations.Configuration;

/// <summary>Changes members of the hook's configuration, or replaces all of it; what the hook would refuse is never
/// written.</summary>
internal sealed class SetConfiguration(HostPorts host)
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(60);

    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="InvalidRequestException">The hook would refuse the configuration, or nothing is
    /// requested.</exception>
    /// <exception cref="ResourceBusyException">The file has changed since it was read, or the plan was
    /// shown.</exception>
    public async Task<ChangeResult> RunAsync(
        SetConfigurationRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        if (request.IsPlanOnly)
        {
            return new ChangeResult(Decide(request).Plan, []);
        }

        // Commands of ours write this file under the lock under which they choose functions.
        var held = await host.AssignmentLock.AcquireAsync(request.Source, s_wait, cancellationToken)
            .ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var decision = Decide(request);
            if (request.Confirmed is { } shown && !shown.Steps.SequenceEqual(decision.Plan.Steps))
            {
                throw Changed("the plan was shown", request.Source);
            }

            if (decision.Plan.Steps.Count > 0)
            {
                var executor = new Executor(host, request.Source, progress);
                await executor.RunAsync([decision.ToStep(host, executor)], cancellationToken).ConfigureAwait(false);
            }

            return new ChangeResult(decision.Plan, [new ChangedObject()]);
        }
    }

    private Decision Decide(SetConfigurationRequest request)
    {
        if (request.Content is null && request.Members.Count == 0)
        {
            throw new InvalidRequestException(
                ErrorIds.NothingToChange, "the configuration: nothing to change is specified",
                "specify members, or a file for all of it: Set-VgpuConfiguration -Path ./config.json");
        }

        var before = host.Settings.ReadText();
        if (request.Digest is { } digest && digest != ConfigurationText.DigestOf(before))
        {
            throw Changed("it was read", request.Source);
        }

        var after = request.Content is { } content ? Encoding.UTF8.GetBytes(content) : Edit(before, request.Members);
        RequireReadable(after);
        var changes = ConfigurationText.Compare(before, after);
        var isReadable = ConfigurationText.Judge(StatePaths.Settings, before).Passed;
        var plan = new ChangePlan(
            $"the configuration of host {host.Proxmox.Node}", [.. changes.Select(Describe)],
            [
                .. changes.SelectMany(c => c.LostVms.Select(v => $"{c.Name} of VM {v}")),
                .. isReadable ? [] : (string[])[$"the text of {StatePaths.Settings}, which is not readable"],
            ]);
        if (!isReadable && plan.Steps.Count == 0)
        {
            plan = plan with { Steps = [$"write a configuration with all defaults to {StatePaths.Settings}"] };
        }

        return new Decision(before, after, changes, plan);
    }

    /// <summary>Members go into the text as it is; one that is not readable cannot be added to.</summary>
    private static byte[] Edit(byte[]? before, IReadOnlyDictionary<string, string?> members)
    {
        if (before is not null)
        {
            _ = SettingsFormat.Read(before, StatePaths.Settings);
        }

        var known = ConfigurationText.Members;
        foreach (var (name, json) in members)
        {
            if (!known.Contains(name))
            {
                throw new InvalidRequestException(
                    ErrorIds.InvalidConfiguration,
                    $"'{name}' is not a member of the configuration{NearestName.Suggest(name, known)} "
                        + $"(known: {string.Join(", ", known)})",
                    "see what there is: Get-VgpuConfiguration", name);
            }

            before = SettingsEdit.WithMember(before, name, json);
        }

        return before!;
    }

    private static void RequireReadable(byte[] after)
    {
        try
        {
            _ = SettingsFormat.Read(after, StatePaths.Settings);
        }
        catch (UnreadableDataException e)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidConfiguration,
                $"the hook would refuse that configuration: {e.Reason ?? e.Message}"
                    + (e.Line is { } line ? string.Create(
                        CultureInfo.InvariantCulture, $" (line {line}, column {e.Column} of what would be written)")
                        : ""),
                "correct it; see what is allowed: Get-Help Set-VgpuConfiguration -Full", StatePaths.Settings, e);
        }
        catch (JsonException e)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidConfiguration, $"the configuration is not JSON: {e.Message}",
                "correct it: Test-VgpuConfiguration -Path <file>", StatePaths.Settings, e);
        }
    }

    private static string Describe(MemberChange change) => change.After is { } after
        ? $"set {change.Name} to {after} in {StatePaths.Settings}, before: {change.Before ?? "by default"}"
        : $"take {change.Name} out of {StatePaths.Settings}, which leaves its default, before: {change.Before}";

    private ResourceBusyException Changed(string since, string source) => new(
        ErrorIds.ConfigurationChanged,
        $"{StatePaths.Settings} of host {host.Proxmox.Node} has changed since {since}",
        $"look at it, then run {source} again: Get-VgpuConfiguration", StatePaths.Settings);

    private sealed record Decision(
        byte[]? Before, byte[] After, IReadOnlyList<MemberChange> Changes, ChangePlan Plan)
    {
        public ChangeStep ToStep(HostPorts host, Executor executor) => new(Plan.Steps, _ =>
        {
            executor.OnUndo(_ =>
            {
                host.Settings.Replace(Before ?? "{}"u8.ToArray());
                return Task.CompletedTask;
            });
            host.Settings.Replace(After);
            foreach (var change in Changes)
            {
                executor.Log("setConfiguration", change.Name, change.Before ?? "", change.After ?? "");
            }

            return Task.CompletedTask;
        });
    }
}

/// <summary>Requests other members of the hook's configuration, or another one as a whole.</summary>
public sealed record SetConfigurationRequest : ChangeRequest
{
    /// <summary>New values by member, as JSON; null for the default.</summary>
    public IReadOnlyDictionary<string, string?> Members { get; set; } = new Dictionary<string, string?>();

    /// <summary>The whole text; null to change members.</summary>
    public string? Content { get; init; }

    /// <summary>Digest of the file that the request was made from; null for any.</summary>
    public string? Digest { get; init; }
}
