using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Common;

/// <summary>Base of commands that read hosts.</summary>
public abstract class ReadingCommand : SessionCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Run((sink, token) => ReadingRunner.RunAsync(
        sink, HostSessions.ForReading(Session), new ShowHostRequest(), (inventory, _, fail) => Select(inventory, fail), token));

    /// <summary>Chooses what to write of a host.</summary>
    /// <param name="inventory">The host.</param>
    /// <param name="fail">Takes an identity that the host does not have.</param>
    private protected abstract IEnumerable<object> Select(HostInventory inventory, Action<VgpuException> fail);

    /// <summary>GPUs that are named, or all.</summary>
    private protected static IEnumerable<GpuReport> FindGpus(
        HostInventory inventory, IReadOnlyList<string>? names, Action<VgpuException> fail)
    {
        if (names is not { Count: > 0 })
        {
            return inventory.Report.Gpus;
        }

        var found = new List<GpuReport>();
        foreach (var name in names)
        {
            try
            {
                found.AddRange(GpuSelector.Find(inventory.Report.Gpus, name).Where(g => !found.Contains(g)));
            }
            catch (ObjectNotFoundException failure)
            {
                fail(failure);
            }
        }

        return found;
    }
}
