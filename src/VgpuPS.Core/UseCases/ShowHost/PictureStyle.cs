namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>What a piece of a picture means, for a face that has colours.</summary>
public enum PictureStyle
{
    /// <summary>Lines and labels.</summary>
    Plain,

    /// <summary>Head line of a GPU.</summary>
    Heading,

    /// <summary>Room that nobody has.</summary>
    Free,

    /// <summary>Something that a running VM uses.</summary>
    InUse,

    /// <summary>Something that is there and that no running VM uses.</summary>
    Idle,
}
