using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace FedKim.Transfer;

/// <summary>
/// Memory for connections in blocks of 64 KiB, where Kestrel's own has 4 KiB: a sixteenth of the system calls for a large body.
/// Blocks are kept and used again, so their number is what the busiest moment needed.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    private const int BlockBytes = 64 * 1024;

    private readonly ConcurrentStack<Block> _free = new();

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockBytes;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        return _free.TryPop(out var block) ? block : new Block(_free);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _free.Clear();

    /// <summary>Gives every part of the server the same pool.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        private readonly BlockPool _pool = new();

        /// <inheritdoc/>
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => _pool;
    }

    // Pinned, so that sockets need not pin it for each call.
    private sealed class Block(ConcurrentStack<Block> free) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public void Dispose() => free.Push(this);
    }
}
