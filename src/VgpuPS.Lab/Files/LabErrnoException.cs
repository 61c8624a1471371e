namespace VgpuPS.Lab.Files;

/// <summary>The kernel refuses a write.</summary>
internal sealed class LabErrnoException(int number) : Exception
{
    public int Number { get; } = number;
}
