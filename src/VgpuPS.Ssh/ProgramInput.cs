using System.Runtime.InteropServices;
using Renci.SshNet.Common;

namespace VgpuPS.Ssh;

/// <summary>What a remote program reads: failures of the library become those of streams.</summary>
/// <param name="channel">The library's stream.</param>
internal sealed class ProgramInput(Stream channel) : Stream
{
    private const int LargeWrite = 256 << 10;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => Try(channel.Flush);

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    public override void Write(byte[] buffer, int offset, int count) => Try(() => channel.Write(buffer, offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var part = MemoryMarshal.TryGetArray(buffer, out var array) ? array : buffer.ToArray();
        if (part.Count > LargeWrite)
        {
            // A program that is brought to a host waits for the host's window, on a thread of its own.
            return new ValueTask(Task.Factory.StartNew(
                () => Write(part.Array!, part.Offset, part.Count), cancellationToken,
                TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        Write(part.Array!, part.Offset, part.Count);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                Try(channel.Dispose);
            }
            catch (IOException)
            {
                // The connection has ended already.
            }
        }

        base.Dispose(disposing);
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is SshException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            throw new IOException(e.Message, e);
        }
    }
}
