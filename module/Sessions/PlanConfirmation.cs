using System.Globalization;
using System.Management.Automation.Host;
using VgpuPS.Core.Text;

namespace VgpuPS.Sessions;

/// <summary>Shows a plan and asks for it as PowerShell asks, on the thread of the pipeline.</summary>
internal sealed class PlanConfirmation(VgpuCmdlet command)
{
    /// <summary>Tag of the information records that carry a plan's steps.</summary>
    public const string PlanTag = "VgpuPlan";

    private string Name => command.MyInvocation.MyCommand.Name;

    /// <summary>Whether the plan shall be executed.</summary>
    /// <exception cref="HostNotReadyException">A confirmation is needed, and no user can be prompted.</exception>
    public bool Ask(ChangePlan plan)
    {
        foreach (var step in plan.Steps)
        {
            command.WriteInformation(new InformationRecord(step, Name) { Tags = { PlanTag } });
        }

        try
        {
            return command.ShouldProcess(Describe(plan), $"{Describe(plan)}\nContinue?", Name) && AskForDestroyed(plan);
        }
        catch (Exception e) when (e is InvalidOperationException or NotImplementedException or HostException)
        {
            // What PowerShell throws instead of asking: -NonInteractive, a host without prompts, a host without a user.
            throw new HostNotReadyException(
                ErrorIds.ConfirmationRequired,
                $"{Name} on {plan.Target} must be confirmed, and this session cannot prompt",
                $"see the plan with {Name} -WhatIf, then add -Confirm:$false", plan.Target, e);
        }
    }

    /// <summary>Says that there is nothing to do, where somebody wants to know.</summary>
    public void ShowNothing(ChangePlan plan)
    {
        var text = VisibleText.Of(plan.DescribeNothing());
        if (IsWhatIf)
        {
            command.ShouldProcess(text, text, Name);
        }
        else
        {
            command.WriteVerbose(text);
        }
    }

    /// <summary>The plan as <c>-WhatIf</c> prints it.</summary>
    internal string Describe(ChangePlan plan) => string.Join(
        '\n',
        plan.Steps.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"  {i + 1}. {s}"))
            .Prepend($"{Name} on {plan.Target}:")
            .Concat(plan.Losses.Select(l => $"  destroyed: {l}"))
            .Concat(plan.Breaks.Concat(plan.Afterwards).Select(b => $"  afterwards: {b}")));

    /// <summary>
    /// What was not named is asked about even by a command that is not asked about otherwise; an explicit
    /// <c>-Confirm</c>,
    /// yes or no, has decided it.
    /// </summary>
    private bool AskForDestroyed(ChangePlan plan)
    {
        if (plan.Losses.Count + plan.Breaks.Count == 0 || IsHighImpact
            || command.MyInvocation.BoundParameters.ContainsKey("Confirm")
            || command.SessionState.PSVariable.GetValue("ConfirmPreference")?.ToString() == "None")
        {
            return true;
        }

        string[] costs =
        [
            .. plan.Losses.Count > 0 ? [$"This destroys {string.Join(", ", plan.Losses)}."] : Array.Empty<string>(),
            .. plan.Breaks.Select(b => $"Afterwards {b}."),
        ];
        return command.ShouldContinue($"{string.Join('\n', costs)} Continue?", $"{Name} on {plan.Target}");
    }

    /// <summary>Whether plans are shown, and none is executed.</summary>
    public bool IsWhatIf => command.MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? LanguagePrimitives.IsTrue(bound)
        : LanguagePrimitives.IsTrue(command.SessionState.PSVariable.GetValue("WhatIfPreference"));

    private bool IsHighImpact =>
        Attribute.GetCustomAttribute(command.GetType(), typeof(CmdletAttribute)) is CmdletAttribute
        {
            ConfirmImpact: ConfirmImpact.High,
        };
}
