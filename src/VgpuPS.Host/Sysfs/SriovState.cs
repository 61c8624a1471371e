namespace VgpuPS.Host.Sysfs;

/// <summary>How many functions a GPU can have, has by its own count, and shows as devices.</summary>
internal readonly record struct SriovState(int Total, int Enabled, int Visible)
{
    public bool IsComplete => Total > 0 && Enabled == Total && Visible == Total;

    public bool IsEmpty => Enabled == 0 && Visible == 0;
}
