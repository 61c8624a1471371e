namespace VgpuPS.Core.UseCases.TestHost;

/// <summary>A check of the doctor: looks for one fault.</summary>
/// <param name="Id">Stable name of the fault.</param>
/// <param name="Area">Area that it belongs to.</param>
/// <param name="Title">What is looked at, for people.</param>
/// <param name="Look">Looks.</param>
internal sealed record HostCheck(string Id, string Area, string Title, Func<HostPicture, CheckOutcome> Look)
{
    /// <summary>Whether a plan of Repair-VgpuHost can carry out its fix without risk to VMs.</summary>
    public bool IsRepairable { get; init; }
}
