namespace VgpuPS.LabHook;

internal static class Program
{
    private static int Main() => 64;
}
