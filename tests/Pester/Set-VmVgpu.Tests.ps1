BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Set-VmVgpu' -Prepare 'Add-VmVgpu 101 A30-6C' -Wrong @(
    , @('Set-VmVgpu 101', 'InvalidRequest', 'InvalidArgument')
    , @('Set-VmVgpu 102 -Type A30-12C', 'EntryNotFound', 'ObjectNotFound')
    , @('Set-VmVgpu 101 hostpci7 -Type A30-12C', 'EntryNotFound', 'ObjectNotFound')
    , @('Set-VmVgpu 101 -Type A100-1-5C', 'VgpuTypeNotFound', 'ObjectNotFound')
    , @('Set-VmVgpu 4711 -Type A30-12C', 'VmNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Set-VmVgpu -VmId we', '101')
    , @('Set-VmVgpu 101 host', 'hostpci0')
    , @('Set-VmVgpu 101 -Type A30-12', 'A30-12C')
)

Add-ChangingTest 'Set-VmVgpu' -Prepare 'Add-VmVgpu 101 A30-6C' -Line 'Set-VmVgpu 101 -Type A30-12C' -Once `
    -Plan 'set hostpci0 of VM 101 \(web\) to 0000:4b:00.4,mdev=nvidia-687'

Describe 'Set-VmVgpu' {
    BeforeEach {
        New-TestLab | Out-Null
        Add-VmVgpu 101 -Memory 6GB
    }

    It 'changes what is given, through the pipeline too' {
        (Get-VmVgpu web | Set-VmVgpu -Type A30-12C -PassThru).VgpuType | Should -Be 'A30-12C'
        (Set-VmVgpu 101 hostpci0 -PrimaryGpu -PassThru).PrimaryGpu | Should -BeTrue
        (Set-VmVgpu 101 -PrimaryGpu:$false -PassThru).PrimaryGpu | Should -BeFalse
        (Set-VmVgpu 101 -PciExpress:$false -PassThru).PciExpress | Should -BeFalse
    }

    It 'tells a running VM''s change as pending' {
        Start-LabVm 101
        Set-VmVgpu 101 -Type A30-12C
        (Get-VmVgpu 101).State | Should -Be @('removing', 'pending')
        (Set-VmVgpu 101 -Type A30-24C -PassThru).VgpuType | Should -Be 'A30-24C'
    }

    It 'changes each VM that is piped in' {
        Add-VmVgpu 102 -Memory 6GB
        (Get-VmVgpu | Set-VmVgpu -Type A30-8C -PassThru).VmId | Should -Be @(101, 102)
    }
}
