using System.Globalization;
using System.Management.Automation.Host;

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

    /// <summary>The plan as <c>-WhatIf</c> prints it.</summary>
    internal string Describe(ChangePlan plan) => string.Join(
        '\n',
        plan.Steps.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"  {i + 1}. {s}"))
            .Prepend($"{Name} on {plan.Target}:")
            .Concat(plan.Losses.Select(l => $"  destroyed: {l}")));

    /// <summary>
    /// What was not named is asked about even by a command that is not asked about otherwise; an explicit
    /// <c>-Confirm</c>,
    /// yes or no, has decided it.
    /// </summary>
    private bool AskForDestroyed(ChangePlan plan)
    {
        if (plan.Losses.Count == 0 || command.MyInvocation.BoundParameters.ContainsKey("Confirm") || IsHighImpact
            || command.SessionState.PSVariable.GetValue("ConfirmPreference")?.ToString() == "None")
        {
            return true;
        }

        return command.ShouldContinue(
            $"This destroys {string.Join(", ", plan.Losses)}. Continue?", $"{Name} on {plan.Target}");
    }

    private bool IsHighImpact =>
        Attribute.GetCustomAttribute(command.GetType(), typeof(CmdletAttribute)) is CmdletAttribute
        {
            ConfirmImpact: ConfirmImpact.High,
        };
}
