using VgpuPS.Host.Operations.Simulation;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Says where the VMs that are configured for GPUs cannot all run at once.</summary>
internal static class Overcommitment
{
    /// <summary>Warns before an entry is written that takes more than is left beside the others.</summary>
    /// <param name="host">The host, with what was planned before.</param>
    /// <param name="decision">What shall be written.</param>
    public static void Warn(HostPorts host, VgpuDecision decision)
    {
        if (decision.Value is null)
        {
            return;
        }

        var foreseen = host.Foresee([.. host.Foreseen, decision.ToChange().Foresee()]);
        if (Find(foreseen with { Warn = _ => { } }, decision.Vm.Id) is { } text)
        {
            host.Warn(text);
        }
    }

    /// <summary>Why a VM and others cannot all run at once; null where they can, and where that cannot be
    /// known.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vm">The VM.</param>
    public static string? Find(HostPorts host, VmId vm)
    {
        try
        {
            using var driver = host.Driver.Open();
            return ConfiguredStarts.Of(host, StartSimulation.Read(host, driver)).Describe(vm);
        }
        catch (VgpuException)
        {
            // What keeps the host from being read is said by whoever has to read it.
            return null;
        }
    }
}
