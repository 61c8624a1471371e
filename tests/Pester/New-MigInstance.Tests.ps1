BeforeAll { . (Join-Path $PSScriptRoot 'Common.ps1') }

Describe 'New-MigInstance' {
    BeforeEach {
        $null = New-TestLab
        Get-Gpu | Enable-MigMode
    }
    AfterAll { Disconnect-All }

    It 'cuts each GPU that is piped in' {
        Get-Gpu | New-MigInstance -Profile 1g.6gb -Count 4
        Get-MigInstance -Profile 1g.6gb | Should -HaveCount 8
        Get-MigInstance | Remove-MigInstance
        Get-MigInstance | Should -BeNullOrEmpty
    }

    It 'changes nothing with -WhatIf' {
        $before = Get-TestState
        New-MigInstance 0 -Profile 2g.12gb -WhatIf
        Get-TestState | Should -Be $before
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'an unknown profile'; Option = @{ Profile = '3g.40gb' }; Id = 'ProfileNotFound' }
        @{ Why = 'a count of none'; Option = @{ Profile = '1g.6gb'; Count = 0 }; Id = 'InvalidRequest' }
        @{ Why = 'a count of too many'; Option = @{ Profile = '1g.6gb'; Count = 99 }; Id = 'InvalidRequest' }
        @{ Why = 'an illegal placement'; Option = @{ Profile = '2g.12gb'; Placement = '1:2' }; Id = 'IllegalPlacement' }
        @{ Why = 'what cannot fit together'; Option = @{ Profile = '4g.24gb', '1g.6gb' }; Id = 'NoFreePlacement' }
    ) {
        $before = Get-TestState
        (Get-TestError { New-MigInstance 0 @Option }).FullyQualifiedErrorId | Should -BeLike "$Id,*"
        Get-TestState | Should -Be $before
    }

    It 'splits and joins an instance' {
        New-MigInstance 0 -Profile 4g.24gb -ComputeInstance None
        Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.4g.24gb -Count 2 -PassThru | Should -HaveCount 2
        Get-MigComputeInstance | Remove-MigComputeInstance
        Get-MigComputeInstance | Should -BeNullOrEmpty
    }
}
