namespace VgpuPS.Lab.Machine;

public sealed partial class LabHost
{
    /// <summary>Blocks the running actor until a condition holds or a time is over, when a scheduler runs.</summary>
    internal Func<Func<bool>, TimeSpan, bool>? Waiter { get; set; }

    /// <summary>Waits for what another actor must do; false when the time came first.</summary>
    internal bool BlockUntil(Func<bool> condition, TimeSpan limit, string what)
    {
        if (With(_ => condition()))
        {
            return true;
        }

        if (Waiter is { } wait)
        {
            return wait(condition, limit);
        }

        if (limit < TimeSpan.Zero)
        {
            throw new LabDeadlockException($"{Actor.Name} waits for ever at {what}.");
        }

        Clock.Sleep(limit);
        return With(_ => condition());
    }
}
