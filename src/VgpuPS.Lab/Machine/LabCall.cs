namespace VgpuPS.Lab.Machine;

/// <summary>One call inside the machine: nobody else is in it until this is disposed.</summary>
internal readonly struct LabCall(LabHost host, string name, LabFault fault) : IDisposable
{
    public int? Refusal => fault.Number;

    public bool IsLie => fault.IsLie;

    public void Dispose() => host.Leave(name, fault);
}
